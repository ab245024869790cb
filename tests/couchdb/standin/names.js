// Database names as PouchDB can keep them: a slash would be a directory. No CouchDB name has a tilde.
'use strict';

const encode = (name) => name.replace(/\//g, '~');
const decode = (name) => name.replace(/~/g, '/');

// What CouchDB allows; its own databases begin with an underscore.
const isLegal = (name) => /^[a-z][a-z0-9_$()+/-]*$/.test(name) || ['_users', '_replicator'].includes(name);

module.exports = { encode, decode, isLegal };
