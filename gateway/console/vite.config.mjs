// Builds the console's page into dist/, where the gateway serves it. Relative addresses, so that it
// works below any path; nothing is loaded from another host, because control rooms have no internet.
import path from 'node:path'

const project = path.resolve(import.meta.dirname, '..', '..')

export default {
  root: path.join(import.meta.dirname, 'web'),
  base: './',
  clearScreen: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path.join(project, 'dist', 'gateway', 'console', 'web'),
    emptyOutDir: true,
    target: 'es2022',
    // A page of the size of this one gains nothing from being split, and one file less can fail to load.
    cssCodeSplit: false,
    modulePreload: false,
  },
}
