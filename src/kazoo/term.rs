//! Paging keys on the wire: a view's key in Erlang's external term format, as base64url without padding.
//!
//! Clients take them as opaque and give them back. Kazoo's own are understood, so that a client may go on at the other
//! server; whatever isn't such a term is a plain string that somebody typed.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Number, Value};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How deep lists and objects may be nested in a key that comes from outside.
const DEPTH: usize = 32;

const VERSION: u8 = 131;
const NEW_FLOAT: u8 = 70;
const SMALL_INTEGER: u8 = 97;
const INTEGER: u8 = 98;
const ATOM: u8 = 100;
const SMALL_TUPLE: u8 = 104;
const NIL: u8 = 106;
const STRING: u8 = 107;
const LIST: u8 = 108;
const BINARY: u8 = 109;
const SMALL_BIG: u8 = 110;
const SMALL_ATOM: u8 = 115;
const MAP: u8 = 116;
const ATOM_UTF8: u8 = 118;
const SMALL_ATOM_UTF8: u8 = 119;

/// A view's key as a client gets it. `null` is the atom `undefined`: it stands for a part of a key that there isn't,
/// such as the parent of the topmost account.
pub fn encode(key: &Value) -> String {
    let mut out = vec![VERSION];
    write(key, &mut out);
    BASE64.encode(out)
}

/// A view's key from what a client sends: the key that [`encode`] or Kazoo made it of, else the text itself.
pub fn decode(text: &str) -> Value {
    let bytes = BASE64.decode(text).unwrap_or_default();
    match bytes.split_first() {
        Some((&VERSION, term)) => {
            let mut reader = Reader(term);
            reader.term(DEPTH).filter(|_| reader.0.is_empty())
        }
        _ => None,
    }
    .unwrap_or_else(|| text.into())
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => write_atom("undefined", out),
        Value::Bool(true) => write_atom("true", out),
        Value::Bool(false) => write_atom("false", out),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_binary(text, out),
        Value::Array(items) => write_list(items, out),
        Value::Object(members) => {
            out.extend([SMALL_TUPLE, 1]);
            write_length(LIST, members.len(), out);
            for (key, value) in members {
                out.extend([SMALL_TUPLE, 2]);
                write_binary(key, out);
                write(value, out);
            }
            out.push(NIL);
        }
    }
}

/// Erlang writes a list of bytes as a string.
fn write_list(items: &[Value], out: &mut Vec<u8>) {
    let bytes: Option<Vec<u8>> = items.iter().map(|item| item.as_u64().and_then(|n| u8::try_from(n).ok())).collect();
    match (bytes, u16::try_from(items.len())) {
        (_, Ok(0)) => out.push(NIL),
        (Some(bytes), Ok(length)) => {
            out.push(STRING);
            out.extend(length.to_be_bytes());
            out.extend(bytes);
        }
        _ => {
            write_length(LIST, items.len(), out);
            items.iter().for_each(|item| write(item, out));
            out.push(NIL);
        }
    }
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let Some(integer) = integer else {
        out.push(NEW_FLOAT);
        out.extend(number.as_f64().unwrap_or_default().to_be_bytes());
        return;
    };
    if let Ok(byte) = u8::try_from(integer) {
        out.extend([SMALL_INTEGER, byte]);
    } else if let Ok(small) = i32::try_from(integer) {
        out.push(INTEGER);
        out.extend(small.to_be_bytes());
    } else {
        let bytes = integer.unsigned_abs().to_le_bytes();
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        out.extend([SMALL_BIG, used as u8, u8::from(integer < 0)]);
        out.extend(bytes.iter().take(used));
    }
}

fn write_atom(name: &str, out: &mut Vec<u8>) {
    out.extend([ATOM, 0, name.len() as u8]);
    out.extend(name.as_bytes());
}

fn write_binary(text: &str, out: &mut Vec<u8>) {
    write_length(BINARY, text.len(), out);
    out.extend(text.as_bytes());
}

fn write_length(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend((length as u32).to_be_bytes());
}

/// Reads a term; `None` wherever the bytes aren't one that a view's key may be. What it makes is bounded by the bytes
/// that are there, whatever lengths they claim.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn term(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        Some(match self.byte()? {
            SMALL_INTEGER => self.byte()?.into(),
            INTEGER => i32::from_be_bytes(self.array()?).into(),
            SMALL_BIG => self.big()?,
            NEW_FLOAT => Number::from_f64(f64::from_be_bytes(self.array()?))?.into(),
            BINARY => self.binary()?.into(),
            NIL => Value::Array(Vec::new()),
            STRING => {
                let length = self.short()?;
                self.take(length)?.iter().map(|byte| Value::from(*byte)).collect()
            }
            LIST => self.list(depth)?,
            SMALL_TUPLE if self.byte()? == 1 => self.object(depth)?,
            MAP => {
                let arity = self.long()?;
                self.members(arity, depth)?
            }
            tag => match self.atom(tag)?.as_str() {
                "undefined" | "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                other => other.into(),
            },
        })
    }

    /// `{[{Key, Value}, …]}` is how Kazoo holds a JSON object.
    fn object(&mut self, depth: usize) -> Option<Value> {
        match self.byte()? {
            NIL => Some(Value::Object(Map::new())),
            LIST => {
                let length = self.long()?;
                let mut members = Map::new();
                for _ in 0..length {
                    if self.take(2)? != [SMALL_TUPLE, 2] {
                        return None;
                    }
                    self.member(&mut members, depth)?;
                }
                (self.byte()? == NIL).then_some(Value::Object(members))
            }
            _ => None,
        }
    }

    fn members(&mut self, arity: usize, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        for _ in 0..arity {
            self.member(&mut members, depth)?;
        }
        Some(Value::Object(members))
    }

    fn member(&mut self, members: &mut Map<String, Value>, depth: usize) -> Option<()> {
        let key = match self.byte()? {
            BINARY => self.binary()?,
            tag => self.atom(tag)?,
        };
        members.insert(key, self.term(depth)?);
        Some(())
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let length = self.long()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.term(depth)?);
        }
        (self.byte()? == NIL).then_some(Value::Array(items))
    }

    fn big(&mut self) -> Option<Value> {
        let length = self.byte()?;
        let sign = self.byte()?;
        let mut bytes = [0; 8];
        bytes.get_mut(..length.into())?.copy_from_slice(self.take(length.into())?);
        let magnitude = u64::from_le_bytes(bytes);
        if sign == 0 { Some(magnitude.into()) } else { Some(i64::try_from(-i128::from(magnitude)).ok()?.into()) }
    }

    fn atom(&mut self, tag: u8) -> Option<String> {
        let length = match tag {
            ATOM | ATOM_UTF8 => self.short()?,
            SMALL_ATOM | SMALL_ATOM_UTF8 => self.byte()?.into(),
            _ => return None,
        };
        let name = self.take(length)?;
        match tag {
            // Latin-1, whose characters are the first of Unicode.
            ATOM | SMALL_ATOM => Some(name.iter().map(|byte| char::from(*byte)).collect()),
            _ => Some(str::from_utf8(name).ok()?.to_owned()),
        }
    }

    fn binary(&mut self) -> Option<String> {
        let length = self.long()?;
        Some(str::from_utf8(self.take(length)?).ok()?.to_owned())
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<usize> {
        self.array().map(|bytes| u16::from_be_bytes(bytes).into())
    }

    fn long(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }
}

#[cfg(test)]
mod tests;
