// What stands before express-pouchdb: it answers where that one can't, and corrects what that one would get wrong.
'use strict';

const { encode, decode, isLegal } = require('./names');
const { cutToRange } = require('./range');
const { revisions } = require('./revisions');
const { turns } = require('./turns');
const { dbUpdates } = require('./updates');

// A handler of requests. A rule answers a request and returns true, or changes it and lets the next have it.
function createFront(app, PouchDB, { admin, 'announce-after': announceAfter }) {
  const rules = [welcome, authorize(admin), deletionsAlone(), dbUpdates(Number(announceAfter), send), allDbs(PouchDB), illegalName,
    turns(), deleteDatabase(PouchDB), revisions(PouchDB, send), attachments(PouchDB), longpollTimeout];
  return async (req, res) => {
    try {
      req.asked = parse(req.url);
      for (const rule of rules) {
        if (await rule(req, res)) {
          return;
        }
      }
      app(req, res);
    } catch (error) {
      console.error(error);
      if (!res.headersSent) {
        send(res, 500, { error: 'unknown_error', reason: String(error) });
      }
    }
  };
}

// A URL as CouchDB understands it: database, the id of a document (design and local ones have two segments), what comes after.
function parse(url) {
  const [path, search = ''] = url.split(/\?(.*)/s);
  const segments = path.split('/').slice(1).map(decodeURIComponent);
  const [db = '', first = ''] = segments;
  const idLength = first === '_design' || first === '_local' ? 2 : 1;
  const special = (first.startsWith('_') && idLength === 1) || (first === '_design' && (segments[3] || '').startsWith('_'));
  const id = special ? '' : segments.slice(1, 1 + idLength).join('/');
  const attachment = special ? '' : segments.slice(1 + idLength).join('/');
  return { db, endpoint: segments.length === 1 ? '' : first, id, attachment, query: new URLSearchParams(search) };
}

function send(res, status, body) {
  const bytes = Buffer.from(JSON.stringify(body) + '\n');
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  res.end(bytes);
  return true;
}

// Tests know by "git_sha" that this isn't a CouchDB.
function welcome(req, res) {
  if (req.asked.db === '') {
    return send(res, 200, { couchdb: 'Welcome', version: '3.5.0', git_sha: 'standin', features: [] });
  }
  return req.asked.db === '_up' && send(res, 200, { status: 'ok', seeds: {} });
}

// CouchDB 3 shows its databases to nobody but admins unless told otherwise.
function authorize(admin) {
  const expected = 'Basic ' + Buffer.from(admin).toString('base64');
  return (req, res) => {
    const given = req.headers.authorization;
    const reason = given ? 'Name or password is incorrect.' : 'You are not authorized to access this db.';
    return given !== expected && send(res, 401, { error: 'unauthorized', reason });
  };
}

// Upstream opens a database after it has seen that there is one. If somebody deleted it in between, it would be back.
function deletionsAlone() {
  const [answering, deleting] = [new Map(), new Map()];
  return async (req, res) => {
    const { db, endpoint, id, query } = req.asked;
    while (deleting.has(db)) {
      await deleting.get(db);
    }
    const done = new Promise((resolve) => res.on('close', resolve));
    if (req.method === 'DELETE' && db && !endpoint && !id) {
      deleting.set(db, done.then(() => deleting.delete(db)));
      await Promise.all(answering.get(db) || []);
    } else if (!query.get('feed')) {
      const all = answering.get(db) || new Set();
      answering.set(db, all.add(done));
      done.then(() => all.delete(done));
    }
    return false;
  };
}

const names = async (PouchDB) => (await PouchDB.allDbs()).filter((name) => !name.startsWith('pouch__')).map(decode).sort();

// Sorted, between two keys: upstream knows neither.
function allDbs(PouchDB) {
  return async (req, res) => {
    if (req.asked.db !== '_all_dbs' || req.method !== 'GET') {
      return false;
    }
    const key = (name) => JSON.parse(req.asked.query.get(name) || 'null');
    const [start, end, limit] = [key('startkey'), key('endkey'), key('limit')];
    const found = (await names(PouchDB)).filter((name) => (start === null || name >= start) && (end === null || name <= end));
    return send(res, 200, limit === null ? found : found.slice(0, limit));
  };
}

function illegalName(req, res) {
  const { db, endpoint, id } = req.asked;
  const reason = `Name: '${db}'. Only lowercase characters, digits, and any of _$()+-/ are allowed. Must begin with a letter.`;
  return req.method === 'PUT' && !endpoint && !id && !isLegal(db) && send(res, 400, { error: 'illegal_database_name', reason });
}

// Upstream deletes what isn't there with a good conscience.
function deleteDatabase(PouchDB) {
  return async (req, res) => {
    const { db, endpoint, id } = req.asked;
    if (req.method !== 'DELETE' || endpoint || id || (await names(PouchDB)).includes(db)) {
      return false;
    }
    return send(res, 404, { error: 'not_found', reason: 'Database does not exist.' });
  };
}

// An attachment that isn't there is told from a document that isn't; parts of one can be had.
function attachments(PouchDB) {
  return async (req, res) => {
    const { db, id, attachment } = req.asked;
    if (attachment === '' || !['GET', 'DELETE'].includes(req.method) || !(await names(PouchDB)).includes(db)) {
      return false;
    }
    const doc = await new PouchDB(encode(db)).get(id).catch(() => null);
    if (doc && !(attachment in (doc._attachments || {}))) {
      return send(res, 404, { error: 'not_found', reason: 'Document is missing attachment' });
    }
    if (doc && req.method === 'GET') {
      cutToRange(req, res);
    }
    return false;
  };
}

// Upstream's longpoll waits for ever. It has sent the beginning of an answer by then, so this is how it ends.
function longpollTimeout(req, res) {
  const { endpoint, query } = req.asked;
  if (endpoint === '_changes' && query.get('feed') === 'longpoll' && query.has('timeout')) {
    const timer = setTimeout(() => {
      const lastSeq = JSON.stringify(Number(query.get('since')) || 0);
      res.end(`${res.headersSent ? '' : '{"results":[\n'}],\n"last_seq":${lastSeq}}\n`);
    }, Number(query.get('timeout')));
    res.on('close', () => clearTimeout(timer));
  }
  return false;
}

module.exports = { createFront };
