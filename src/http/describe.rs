//! What is said of an endpoint's verb to those who want to use it: what it does, takes and gives, as far as that can't be read
//! off the endpoint itself.

/// What a verb of an endpoint does. Made by [`does`].
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// A sentence without its full stop.
    pub summary: &'static str,
    /// What else is to be known, if anything.
    pub note: &'static str,
    /// Who may, where the handler is stricter than the endpoint's [`Access`](super::Access).
    pub only: &'static str,
    /// Parameters in the query.
    pub query: &'static [Member],
    /// Whether a list comes in pages, and filtered.
    pub in_pages: bool,
    pub takes: Takes,
    pub gives: Gives,
    /// Whether nothing is kept of what is sent, though the verb is one of those that write.
    pub only_asks: bool,
    /// Statuses of errors beside those that every such endpoint has.
    pub fails: &'static [u16],
}

/// What has to be sent as `data`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Takes {
    /// The description doesn't say.
    Unsaid,
    Nothing,
    /// An object, whatever is in it.
    Anything,
    /// What the schema of this name lets through.
    Schema(&'static str),
    /// Some members of that.
    PartOf(&'static str),
    Members(&'static [Member]),
    /// A file, of the types that the endpoint consumes.
    File,
}

/// What comes back as `data`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gives {
    /// The description doesn't say.
    Unsaid,
    Nothing,
    /// An object, whatever is in it.
    Anything,
    /// A document that the schema of this name is for.
    Document(&'static str),
    /// A list of such documents.
    Documents(&'static str),
    Members(&'static [Member]),
    /// A list of objects.
    List(&'static [Member]),
    /// A list of texts.
    Texts,
    Text,
    /// A file of one of these types.
    File(&'static [&'static str]),
    /// A file of one of these types for who asks for it, else an object.
    FileOr(&'static [&'static str], &'static [Member]),
}

/// A member of an object, or a parameter of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    pub name: &'static str,
    pub kind: Kind,
    pub about: &'static str,
    pub is_required: bool,
}

/// What a member's value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    Flag,
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    Texts,
    Object,
    /// A list of whatever it may be.
    List,
}

/// A description that begins with what is done.
pub const fn does(summary: &'static str) -> Description {
    Description {
        summary,
        note: "",
        only: "",
        query: &[],
        in_pages: false,
        takes: Takes::Unsaid,
        gives: Gives::Unsaid,
        only_asks: false,
        fails: &[],
    }
}

impl Description {
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// Says who may, where that isn't all that the endpoint lets in.
    pub const fn only(self, who: &'static str) -> Self {
        Self { only: who, ..self }
    }

    /// Names parameters of the query.
    pub const fn asked(self, query: &'static [Member]) -> Self {
        Self { query, ..self }
    }

    pub const fn in_pages(self) -> Self {
        Self { in_pages: true, ..self }
    }

    pub const fn only_asks(self) -> Self {
        Self { only_asks: true, ..self }
    }

    pub const fn fails(self, statuses: &'static [u16]) -> Self {
        Self { fails: statuses, ..self }
    }

    /// Takes what a schema lets through.
    pub const fn takes(self, schema: &'static str) -> Self {
        self.taking(Takes::Schema(schema))
    }

    /// Takes some members of what a schema lets through.
    pub const fn takes_part_of(self, schema: &'static str) -> Self {
        self.taking(Takes::PartOf(schema))
    }

    pub const fn takes_members(self, members: &'static [Member]) -> Self {
        self.taking(Takes::Members(members))
    }

    pub const fn takes_anything(self) -> Self {
        self.taking(Takes::Anything)
    }

    pub const fn takes_nothing(self) -> Self {
        self.taking(Takes::Nothing)
    }

    pub const fn takes_file(self) -> Self {
        self.taking(Takes::File)
    }

    const fn taking(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    /// Gives a document that a schema is for.
    pub const fn gives(self, schema: &'static str) -> Self {
        self.giving(Gives::Document(schema))
    }

    pub const fn gives_members(self, members: &'static [Member]) -> Self {
        self.giving(Gives::Members(members))
    }

    pub const fn gives_list(self, members: &'static [Member]) -> Self {
        self.giving(Gives::List(members))
    }

    pub const fn gives_texts(self) -> Self {
        self.giving(Gives::Texts)
    }

    pub const fn gives_text(self) -> Self {
        self.giving(Gives::Text)
    }

    pub const fn gives_anything(self) -> Self {
        self.giving(Gives::Anything)
    }

    pub const fn gives_nothing(self) -> Self {
        self.giving(Gives::Nothing)
    }

    pub const fn gives_file(self, types: &'static [&'static str]) -> Self {
        self.giving(Gives::File(types))
    }

    pub const fn giving(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }
}

impl Member {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, about, is_required: false }
    }

    pub const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, about)
    }

    pub const fn flag(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Flag, about)
    }

    pub const fn number(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Number, about)
    }

    pub const fn word(name: &'static str, words: &'static [&'static str], about: &'static str) -> Self {
        Self::new(name, Kind::Word(words), about)
    }

    pub const fn texts(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Texts, about)
    }

    pub const fn object(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Object, about)
    }

    pub const fn list(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::List, about)
    }
}
