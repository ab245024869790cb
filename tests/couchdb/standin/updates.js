// `_db_updates`, which upstream doesn't have: which databases were made, written to and removed, as a continuous feed.
'use strict';

// What is asked by POST and writes nothing.
const QUESTIONS = ['_all_docs', '_find', '_bulk_get', '_changes', '_revs_diff', '_view'];

// A rule for the front. Like CouchDB it collects what happened for a while (`delay`, in milliseconds) and names a database
// once for it. With a negative delay there is no feed, as in a CouchDB without a database `_global_changes`.
function dbUpdates(delay, send) {
  const listeners = new Set();
  const collected = new Map();
  let seq = 0;

  function announce(db, type) {
    if (collected.size === 0) {
      setTimeout(flush, delay);
    }
    collected.set(`${type}:${db}`, { db_name: db, type });
  }

  function flush() {
    for (const update of collected.values()) {
      const line = JSON.stringify({ ...update, seq: String(++seq) }) + '\n';
      listeners.forEach((listener) => listener(line));
    }
    collected.clear();
  }

  function serve(res, heartbeat) {
    let timer = setTimeout(beat, heartbeat);
    const listener = (line) => {
      res.write(line);
      clearTimeout(timer);
      timer = setTimeout(beat, heartbeat);
    };
    function beat() {
      listener('\n');
    }
    listeners.add(listener);
    res.on('close', () => {
      listeners.delete(listener);
      clearTimeout(timer);
    });
    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.flushHeaders();
    return true;
  }

  return (req, res) => {
    const { db, endpoint, id, query } = req.asked;
    if (db === '_db_updates') {
      if (delay < 0) {
        return send(res, 404, { error: 'not_found', reason: 'Database does not exist.' });
      }
      if (query.get('feed') !== 'continuous') {
        return send(res, 400, { error: 'bad_request', reason: 'the stand-in has continuous feeds only' });
      }
      return serve(res, Number(query.get('heartbeat')) || 60_000);
    }
    const isWrite = !['GET', 'HEAD'].includes(req.method) && !QUESTIONS.includes(endpoint);
    const isView = endpoint === '_design' && id === '';
    if (isWrite && !isView && delay >= 0 && !id.startsWith('_local/')) {
      const whole = endpoint === '' && req.method !== 'POST';
      const type = !whole ? 'updated' : req.method === 'PUT' ? 'created' : 'deleted';
      res.on('finish', () => res.statusCode < 300 && announce(db, type));
    }
    return false;
  };
}

module.exports = { dbUpdates };
