// A CouchDB's `_changes` tells of one moment. Upstream's leaves out each document that is written again while it reads, also if
// there were changes of it before. So within a database it takes turns with what writes many documents at once.
'use strict';

function turns() {
  const last = new Map();
  return async (req, res) => {
    const { db, endpoint, query } = req.asked;
    if (endpoint !== '_bulk_docs' && (endpoint !== '_changes' || query.has('feed'))) {
      return false;
    }
    const before = last.get(db);
    const turn = new Promise((done) => res.on('close', done)).then(() => last.get(db) === turn && last.delete(db));
    last.set(db, turn);
    await before;
    return false;
  };
}

module.exports = { turns };
