//! Uploaded files: what kind they are, and what they may be called.

/// Longer file names are cut, so that a document's stubs stay small.
const LONGEST_NAME: usize = 120;

/// Whether a file of this type is a picture that a browser shows.
pub fn is_picture(content_type: &str) -> bool {
    ["image/jpg", "image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml"].contains(&content_type)
}

/// The ending of a file's name that goes with its type.
pub fn extension(content_type: &str) -> Option<&'static str> {
    Some(match content_type {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "image/ico" | "image/icon" | "image/x-icon" | "image/vnd.microsoft.icon" => "ico",
        "text/html" => "html",
        _ => return None,
    })
}

/// A client's name for a file: without blanks, folders or anything that can't be seen.
pub fn plain_name(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(LONGEST_NAME).collect()
}

/// A file's name with the ending of its type, unless it has one.
pub fn with_ending(name: String, content_type: &str) -> String {
    match extension(content_type) {
        Some(extension) if !name.trim_start_matches('.').contains('.') => format!("{name}.{extension}"),
        _ => name,
    }
}
