//! Pictures of apps as they are asked for and sent: in the language of the path (`i18n/{language}`), a screenshot by its number
//! or name, a new one as the only file of a request.

use super::{Context, Failure, Reply, Upload};
use crate::{
    kazoo::{
        pictures::{self, Kind, LANGUAGE},
        uploads,
        validation::Invalid,
    },
    store::{Db, Document, Object},
};

/// Types that a picture is sent in beside the usual ones.
pub const PICTURES: &[&str] = &[
    "application/base64",
    "application/x-base64",
    "image/gif",
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/svg+xml",
    "image/webp",
];

impl Context {
    /// The icon that a document names, out of the first of some documents that has it; `None` when none has.
    pub async fn icon(&self, doc: &Object, sources: &[(Db, Document)]) -> Result<Option<Reply>, Failure> {
        for name in pictures::icons(doc, self.request.param("language").unwrap_or(LANGUAGE)) {
            if let Some(reply) = self.attachment(sources, name).await? {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// The screenshot in the path (`{number}`), in the same way.
    pub async fn screenshot(&self, doc: &Object, sources: &[(Db, Document)]) -> Result<Option<Reply>, Failure> {
        let language = self.request.param("language").unwrap_or(LANGUAGE);
        match pictures::screenshot(doc, language, self.param("number")) {
            Some(name) => self.attachment(sources, name).await,
            None => Ok(None),
        }
    }

    async fn attachment(&self, sources: &[(Db, Document)], name: &str) -> Result<Option<Reply>, Failure> {
        for (db, doc) in sources {
            if let Some(reply) = self.file(db, doc, name).await? {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// There is no such picture.
    pub fn no_picture(&self, kind: Kind) -> Failure {
        let cause = match kind {
            Kind::Icon => "icon attachment".to_owned(),
            Kind::Screenshot => format!("screenshot attachment at index {}", self.param("number")),
        };
        Failure::NoPicture { cause }
    }

    /// The language in the path of a write, if there is one.
    pub fn language(&self) -> Result<Option<&str>, Failure> {
        match self.request.param("language") {
            Some(language) if !pictures::is_language(language) => {
                Err(Invalid::one("i18n", "wrong_format", "Language must be a tag such as en-US").into())
            }
            language => Ok(language),
        }
    }

    /// The one picture that has to come with the request.
    pub fn picture(&self) -> Result<&Upload, Failure> {
        let upload = self.upload("Please provide an image file", "please provide a single image file")?;
        if uploads::is_picture(upload.recognised()) { Ok(upload) } else { Err(Failure::Bare(415)) }
    }
}
