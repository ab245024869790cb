#!/usr/bin/env node
// Answers CouchDB's protocol where no CouchDB can be installed: express-pouchdb, put right where Storefront's tests depend
// on what a CouchDB 3 does. For tests alone: it forgets, it's slow, and it knows one user.
//
//   node standin.js [--host 127.0.0.1] [--port 0] [--admin user:password] [--in-memory | --dir DIRECTORY] [--until-eof]
//                   [--announce-after MILLISECONDS]
//   node standin.js --several [--host 127.0.0.1] [--admin user:password] [--announce-after MILLISECONDS]
//
// Port 0 is any free one. The first line on stdout is the URL without credentials. With --until-eof it ends when its stdin
// does, so that it never outlives what started it. --announce-after says how long `_db_updates` collects what happened
// (CouchDB takes half a second), and that there's no such feed when it's negative.
//
// With --several each line on stdin is a directory, that gets a server of its own, whose URL is the line on stdout for it.
// They share a process, since starting one costs more than most tests do. It ends with its stdin, too.
'use strict';

const http = require('http');
const readline = require('readline');
const { parseArgs } = require('util');
const { createApp } = require('./standin/app');
const { createFront } = require('./standin/front');

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    admin: { type: 'string', default: 'admin:secret' },
    dir: { type: 'string', default: './data' },
    'in-memory': { type: 'boolean', default: false },
    'until-eof': { type: 'boolean', default: false },
    'announce-after': { type: 'string', default: '20' },
    several: { type: 'boolean', default: false },
  },
});

// express-pouchdb leaves some rejections unhandled after it has answered; one test's fault mustn't end the others' server.
process.on('unhandledRejection', (error) => console.error('unhandled rejection:', error));

// Starts a server on a directory, or (null) in memory; its URL is said once it listens.
function serve(directory, port) {
  const { app, PouchDB } = createApp(directory);
  const server = http.createServer(createFront(app, PouchDB, options));
  // Longer than any pause between two requests of a test: clients keep their connections.
  server.keepAliveTimeout = 60_000;
  server.listen(port, options.host, () => {
    console.log(`http://${options.host}:${server.address().port}/`);
  });
}

if (options.several) {
  readline.createInterface({ input: process.stdin }).on('line', (directory) => serve(directory, 0));
} else {
  serve(options['in-memory'] ? null : options.dir, Number(options.port));
}
if (options['until-eof'] || options.several) {
  process.stdin.on('end', () => process.exit(0)).resume();
}
