// Deletions and attachments name the revision that they replace. Upstream takes any that ever was, or none; CouchDB only the
// current one.
'use strict';

const { encode } = require('./names');

const CONFLICT = { error: 'conflict', reason: 'Document update conflict.' };

// A rule of the front's.
function revisions(PouchDB, send) {
  return async (req, res) => {
    const { db, id, attachment, query } = req.asked;
    const writes = req.method === 'DELETE' || (req.method === 'PUT' && attachment !== '');
    if (!writes || id === '' || !(await PouchDB.allDbs()).includes(encode(db))) {
      return false;
    }
    const store = new PouchDB(encode(db));
    const doc = await store.get(id).catch(() => null);
    const rev = query.get('rev');
    if (req.method === 'DELETE' && !doc) {
      return send(res, 404, { error: 'not_found', reason: 'deleted' });
    }
    if (rev && !/^\d+-[0-9a-f]+$/.test(rev)) {
      return send(res, 400, { error: 'bad_request', reason: 'Invalid rev format' });
    }
    if ((rev || '') !== (doc ? doc._rev : '')) {
      return send(res, 409, CONFLICT);
    }
    if (req.method === 'DELETE') {
      return false;
    }
    // Upstream stores what has come of an upload that broke off, and can't attach to a document that has been deleted.
    const written = { _id: id, ...doc };
    written._attachments = { ...written._attachments, [attachment]: await inline(req) };
    try {
      return send(res, 201, { ok: true, id, rev: (await store.put(written)).rev });
    } catch (error) {
      // Somebody was faster while the body came.
      if (error.status !== 409) {
        throw error;
      }
      return send(res, 409, CONFLICT);
    }
  };
}

// The body as an attachment; it throws when the body ends too early.
async function inline(req) {
  const chunks = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  return { content_type: req.headers['content-type'] || 'application/octet-stream', data: Buffer.concat(chunks) };
}

module.exports = { revisions };
