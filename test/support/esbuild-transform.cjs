// Jest runs CommonJS: TypeScript becomes CommonJS one file at a time, with import.meta mapped to its CommonJS twins.
const { createHash } = require('node:crypto');
const esbuild = require('esbuild');

const OPTIONS = {
  format: 'cjs',
  target: 'node20',
  // import() becomes a require behind a promise: a real one needs Node's --experimental-vm-modules inside Jest.
  supported: { 'dynamic-import': false },
  sourcemap: 'inline',
  jsx: 'automatic',
  jsxImportSource: 'hono/jsx',
  define: {
    'import.meta.url': '__importMetaUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
};
const BANNER = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";

module.exports = {
  getCacheKey: (source, filename) =>
    createHash('sha256')
      .update(JSON.stringify([source, filename, OPTIONS, BANNER, esbuild.version]))
      .digest('hex'),
  process(source, filename) {
    const loader = /\.tsx$/.test(filename) ? 'tsx' : /\.[cm]?js$/.test(filename) ? 'js' : 'ts';
    const banner = source.includes('import.meta.url') ? BANNER : '';
    return esbuild.transformSync(source, { ...OPTIONS, loader, banner, sourcefile: filename });
  },
};
