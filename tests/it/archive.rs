//! Documents from one store to another by way of a file: `export`, `import` and `compare`.

mod damage;
mod interrupted;
mod moving;
mod support;
