//! A world for map and reduce functions: CouchDB's helpers, limits on time, memory and stack, and no way out.

use std::{
    cell::{Cell, RefCell},
    mem,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rquickjs::{CaughtError, Context, Ctx, Function, Persistent, Runtime, Value, context::EvalOptions, function::Opt};

const MEMORY: usize = 64 << 20;
const STACK: usize = 1 << 20;
/// For one function on one document, and for one call of a reduce function.
const MAP_TIME: Duration = Duration::from_millis(500);
const REDUCE_TIME: Duration = Duration::from_secs(5);
/// Bytes that one function may emit for one document.
const EMITTED: usize = 16 << 20;

/// Gives the global object its helpers, and returns a function that puts it back into that state: what a function leaves
/// in undeclared variables must not meet the next document.
const PRELUDE: &str = "(function (emit, log) {
    const world = globalThis, define = Object.defineProperty;
    const own = {
        emit, log, isArray: Array.isArray, toJSON: JSON.stringify,
        sum: function (values) { let total = 0; for (const value of values) total += value; return total; },
    };
    const names = Object.keys(own);
    const restore = name => define(world, name, { value: own[name], writable: true, configurable: true, enumerable: false });
    names.forEach(restore);
    return function () {
        for (const name in world) delete world[name];
        for (const name of names) if (world[name] !== own[name]) restore(name);
    };
})";

/// A function, ready to be called in the sandbox that compiled it.
pub(super) type Compiled = Persistent<Function<'static>>;

pub(super) struct Sandbox {
    // Dropped in this order: what lives in the context before the context.
    restore: Compiled,
    emitted: Rc<Emitted>,
    deadline: Rc<Cell<Instant>>,
    context: Context,
}

#[derive(Default)]
struct Emitted {
    rows: RefCell<Vec<(String, String)>>,
    bytes: Cell<usize>,
}

impl Sandbox {
    pub(super) fn new(stop: Arc<AtomicBool>) -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(MEMORY);
        runtime.set_max_stack_size(STACK);
        let deadline = Rc::new(Cell::new(Instant::now() + REDUCE_TIME));
        let until = Rc::clone(&deadline);
        runtime.set_interrupt_handler(Some(Box::new(move || Instant::now() > until.get() || stop.load(Ordering::Relaxed))));
        let context = Context::full(&runtime)?;
        let emitted = Rc::<Emitted>::default();
        let rows = Rc::clone(&emitted);
        let restore = context.with(|ctx| {
            let emit = Function::new(ctx.clone(), move |key: Opt<Value<'_>>, value: Opt<Value<'_>>| {
                rows.push(json(key.0)?, json(value.0)?)
            })?;
            let log = Function::new(ctx.clone(), |message: Opt<Value<'_>>| {
                log::debug!("a view says: {}", json(message.0)?);
                Ok::<_, rquickjs::Error>(())
            })?;
            let prelude: Function<'_> = evaluate(&ctx, PRELUDE)?;
            Ok::<_, rquickjs::Error>(Persistent::save(&ctx, prelude.call::<_, Function<'_>>((emit, log))?))
        })?;
        Ok(Self { restore, emitted, deadline, context })
    }

    /// Compiles a source text, which is one function expression.
    pub(super) fn compile(&self, source: &str) -> Result<Compiled, String> {
        // Some end like statements do.
        let source = source.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        self.deadline.set(Instant::now() + MAP_TIME);
        self.context.with(|ctx| {
            let function = evaluate::<Function<'_>>(&ctx, &format!("({source}\n)"));
            function.map(|function| Persistent::save(&ctx, function)).map_err(|error| explain(&ctx, error))
        })
    }

    /// Works on one document in here; afterwards the world is as it was before.
    pub(super) fn enter<T>(&self, work: impl FnOnce(Ctx<'_>) -> rquickjs::Result<T>) -> Result<T, String> {
        self.deadline.set(Instant::now() + MAP_TIME);
        self.context.with(|ctx| {
            let outcome = work(ctx.clone()).map_err(|error| explain(&ctx, error));
            self.deadline.set(Instant::now() + MAP_TIME);
            let restored = self.restore.clone().restore(&ctx).and_then(|restore| restore.call::<_, ()>(()));
            restored.map_err(|error| explain(&ctx, error))?;
            outcome
        })
    }

    /// The keys and values that a map function emits for a document, as JSON.
    pub(super) fn map<'js>(&self, ctx: &Ctx<'js>, map: &Compiled, doc: Value<'js>) -> Result<Vec<(String, String)>, String> {
        self.deadline.set(Instant::now() + MAP_TIME);
        let called = map.clone().restore(ctx).and_then(|map| map.call::<_, Value<'_>>((doc,)));
        let rows = self.emitted.take();
        called.map(|_| rows).map_err(|error| explain(ctx, error))
    }

    /// What a reduce function makes of keys and values, all as JSON.
    pub(super) fn reduce(&self, reduce: &Compiled, keys: &str, values: &str, rereduce: bool) -> Result<String, String> {
        self.enter(|ctx| {
            self.deadline.set(Instant::now() + REDUCE_TIME);
            let arguments = (ctx.json_parse(keys)?, ctx.json_parse(values)?, rereduce);
            let reduced: Value<'_> = reduce.clone().restore(&ctx)?.call(arguments)?;
            json(Some(reduced))
        })
    }
}

impl Emitted {
    fn push(&self, key: String, value: String) -> rquickjs::Result<()> {
        self.bytes.set(self.bytes.get() + key.len() + value.len());
        if self.bytes.get() > EMITTED {
            return Err(rquickjs::Error::new_into_js_message("rows", "view", "too much is emitted"));
        }
        self.rows.borrow_mut().push((key, value));
        Ok(())
    }

    fn take(&self) -> Vec<(String, String)> {
        self.bytes.set(0);
        mem::take(&mut *self.rows.borrow_mut())
    }
}

/// Views are written for an engine in sloppy mode.
fn evaluate<'js, V: rquickjs::FromJs<'js>>(ctx: &Ctx<'js>, source: &str) -> rquickjs::Result<V> {
    let mut options = EvalOptions::default();
    options.strict = false;
    ctx.eval_with_options(source, options)
}

/// What has no JSON is null.
fn json(value: Option<Value<'_>>) -> rquickjs::Result<String> {
    let text = value.map_or(Ok(None), |value| value.ctx().clone().json_stringify(value))?;
    text.map_or_else(|| Ok("null".to_owned()), |text| text.to_string())
}

/// The error with its message, which then isn't pending any more.
fn explain(ctx: &Ctx<'_>, error: rquickjs::Error) -> String {
    match CaughtError::from_error(ctx, error) {
        CaughtError::Exception(exception) => exception.message().unwrap_or_else(|| exception.to_string()),
        CaughtError::Value(value) => {
            value.as_string().and_then(|text| text.to_string().ok()).unwrap_or_else(|| format!("{value:?}"))
        }
        CaughtError::Error(error) => error.to_string(),
    }
}
