const path = require('node:path');

const SOURCE = path.resolve(__dirname, '../../src');

/** Commands load each other as `./run-x.js`, which is there once they are built: for tests that is the source. */
module.exports = (request, options) =>
  options.defaultResolver(
    options.basedir.startsWith(SOURCE) && /^\.{1,2}\/.*\.js$/.test(request)
      ? request.replace(/\.js$/, '.ts')
      : request,
    options,
  );
