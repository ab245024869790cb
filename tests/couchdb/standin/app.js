// express-pouchdb as it is installed, with its modules changed before it loads them.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const { encode } = require('./names');

keepSlashes();
speakAsCouchDB();
runViewsSloppily();
keepQuietAboutMaps();

// An express application and its PouchDB, on a directory or (null) in memory.
function createApp(directory) {
  const core = coreOfItsOwn();
  core.plugin(require('pouchdb-mapreduce'));
  core.plugin(require(directory ? 'pouchdb-adapter-leveldb' : 'pouchdb-adapter-memory'));
  if (directory) {
    fs.mkdirSync(directory, { recursive: true });
  }
  const PouchDB = core.defaults(directory ? { prefix: path.resolve(directory) + path.sep } : {});
  // Authentication is the front's, compression isn't CouchDB's, and the rest of "full CouchDB" isn't asked for.
  const overrideMode = { exclude: ['compression'] };
  const app = require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', overrideMode });
  // Only attachments have an ETag of CouchDB's, and that one is set by hand.
  app.disable('etag');
  return { app, PouchDB };
}

// Its constructor tells of databases that come and go by their names alone, which several servers have in common.
function coreOfItsOwn() {
  delete require.cache[require.resolve('pouchdb-core')];
  return require('pouchdb-core');
}

// Upstream makes file names of database names by leaving slashes out, so that some collide.
function keepSlashes() {
  const file = require.resolve('express-pouchdb/lib/clean-filename.js');
  require.cache[file] = { id: file, filename: file, loaded: true, exports: encode };
}

// Reasons that clients tell cases apart by, and JSON's content type whatever is accepted.
function speakAsCouchDB() {
  const reasons = {
    no_db_file: 'Database does not exist.',
    'The database could not be created.': 'The database could not be created, the file already exists.',
    'Document update conflict': 'Document update conflict.',
  };
  const utils = require('express-pouchdb/lib/utils.js');
  utils.setJsonOrPlaintext = (res) => res.setHeader('Content-Type', 'application/json');
  utils.sendJSON = (res, status, body) => {
    for (const part of [body].flat()) {
      if (part && reasons[part.reason]) {
        part.reason = reasons[part.reason];
      }
    }
    utils.setJsonOrPlaintext(res);
    if (body && body.error === 'doc_validation') {
      status = 400;
    }
    // A buffer, since express adds a charset to strings.
    res.status(status).send(Buffer.from(JSON.stringify(body) + '\n'));
  };
}

// Several of Kazoo's maps assign variables that they don't declare. CouchDB lets them; upstream's strict mode turns each
// such document into no row at all. One context for all calls also saves making one a document.
function runViewsSloppily() {
  const context = vm.createContext({});
  const runInNewContext = vm.runInNewContext;
  vm.runInNewContext = (code, ...rest) => {
    if (!String(code).startsWith('(function() {"use strict";var createBuiltInError')) {
      return runInNewContext(code, ...rest);
    }
    const sloppy = code.replace('"use strict";', '').replace('var toJSON = JSON.parse;', 'var toJSON = JSON.stringify;');
    return vm.runInContext(sloppy, context);
  };
}

// A map that throws passes over a document, which isn't worth a word to who runs the tests.
function keepQuietAboutMaps() {
  require('pouchdb-utils').guardedConsole = () => {};
}

module.exports = { createApp };
