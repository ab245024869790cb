//! Finding the endpoint of a path.

use super::Endpoint;

/// What stood in the place of each `{parameter}` of an endpoint's path.
pub type Params = Vec<(&'static str, String)>;

/// The endpoints of an API.
pub struct Routes(Vec<Route>);

struct Route {
    segments: Vec<Segment>,
    endpoint: Endpoint,
}

/// Words sort before parameters: where both fit, the word is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(&'static str),
    Param(&'static str),
}

impl Segment {
    fn parse(text: &'static str) -> Self {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Self::Param(name),
            None => Self::Word(text),
        }
    }

    fn fits(self, text: &str) -> bool {
        match self {
            Self::Word(word) => word == text,
            Self::Param(_) => true,
        }
    }
}

impl Routes {
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        let split = |endpoint: Endpoint| Route { segments: endpoint.path.split('/').map(Segment::parse).collect(), endpoint };
        let mut routes: Vec<Route> = endpoints.into_iter().map(split).collect();
        routes.sort_by(|a, b| a.segments.cmp(&b.segments));
        Self(routes)
    }

    /// Whether a path that begins with this word leads anywhere.
    pub fn begins(&self, word: &str) -> bool {
        self.0.iter().any(|route| route.segments.first().is_some_and(|first| first.fits(word)))
    }

    /// The endpoint at a path, and its parameters.
    pub fn find(&self, path: &[String]) -> Option<(&Endpoint, Params)> {
        let fits = |route: &&Route| {
            route.segments.len() == path.len() && route.segments.iter().zip(path).all(|(segment, text)| segment.fits(text))
        };
        let route = self.0.iter().find(fits)?;
        let param = |(segment, text): (&Segment, &String)| match segment {
            Segment::Param(name) => Some((*name, text.clone())),
            Segment::Word(_) => None,
        };
        Some((&route.endpoint, route.segments.iter().zip(path).filter_map(param).collect()))
    }

    /// All endpoints, in the order of their paths.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.0.iter().map(|route| &route.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<(&'static str, Params)> {
        let paths = ["accounts/{account}", "apps_store/{app}", "apps_store/blacklist", "apps_store/{app}/screenshot/{number}"];
        let routes = Routes::new(paths.map(Endpoint::at));
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        routes.find(&segments).map(|(endpoint, params)| (endpoint.path, params))
    }

    #[test]
    fn a_word_is_preferred_to_a_parameter() {
        assert_eq!(found("apps_store/blacklist"), Some(("apps_store/blacklist", vec![])));
        assert_eq!(found("apps_store/x"), Some(("apps_store/{app}", vec![("app", "x".to_owned())])));
    }

    #[test]
    fn parameters_have_names() {
        let (path, params) = found("apps_store/x/screenshot/1").unwrap();
        assert_eq!(path, "apps_store/{app}/screenshot/{number}");
        assert_eq!(params, [("app", "x".to_owned()), ("number", "1".to_owned())]);
    }

    #[test]
    fn what_is_longer_or_shorter_or_other_is_not_found() {
        for path in ["apps_store", "apps_store/x/y", "apps_store/x/screenshot", "{app}", "accounts/x/y", ""] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
