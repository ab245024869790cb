// Monster UI's settings in the development stack: the API is where this file came from.
define({
  api: {
    default: window.location.origin + '/v2/',
  },
  whitelabel: {
    companyName: 'Storefront',
    applicationTitle: 'Monster UI on Storefront',
  },
});
