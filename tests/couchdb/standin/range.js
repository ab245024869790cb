// Parts of attachments (RFC 9110, one range at a time): upstream always sends the whole.
'use strict';

// Makes the response, when it comes, the part that the request's Range asks for.
function cutToRange(req, res) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(req.headers.range || '') || [];
  if (!first && !last) {
    return;
  }
  // express sets `send` on the response's prototype later; it ends in these two, the body as one buffer.
  const end = res.end;
  res.end = (body, ...rest) => {
    res.end = end;
    if (res.statusCode !== 200 || !Buffer.isBuffer(body)) {
      return end.call(res, body, ...rest);
    }
    const { status, part, range } = cut(body, first, last);
    res.statusCode = status;
    res.setHeader('Content-Range', `bytes ${range}/${body.length}`);
    res.setHeader('Content-Length', part.length);
    return end.call(res, part);
  };
}

function cut(body, first, last) {
  const start = first ? Number(first) : Math.max(0, body.length - Number(last));
  const end = first && last ? Math.min(Number(last) + 1, body.length) : body.length;
  if (start >= end) {
    const part = Buffer.from('{"error":"requested_range_not_satisfiable","reason":"Requested range not satisfiable"}\n');
    return { status: 416, part, range: '*' };
  }
  return { status: 206, part: body.subarray(start, end), range: `${start}-${end - 1}` };
}

module.exports = { cutToRange };
