// Transpiles every TypeScript file to dist/ (a second, against ten for tsc; types are `npm run check`'s
// business) and builds the console's page. `--if-stale` does nothing where dist/ is newer than all sources.
import { build } from 'esbuild'
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const parts = ['edge', 'gateway', 'simulators', 'config']
const web = path.join('gateway', 'console', 'web')
const stamp = path.join('dist', '.built')
const option = new Set(process.argv.slice(2))

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(full)
    else yield full
  }
}

const sources = parts.flatMap((part) => [...filesBelow(part)])
const newest = Math.max(statSync('package.json').mtimeMs, ...sources.map((file) => statSync(file).mtimeMs))
if (option.has('--if-stale') && existsSync(stamp) && statSync(stamp).mtimeMs > newest) process.exit(0)
if (option.has('--clean')) rmSync('dist', { recursive: true, force: true })

const code = sources.filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith(web + path.sep),
)
await build({
  entryPoints: code,
  outdir: 'dist',
  outbase: '.',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
})
for (const file of sources) {
  if (file.endsWith('.sql')) cpSync(file, path.join('dist', file))
}
if (!option.has('--no-console') && existsSync(path.join(web, 'index.html'))) {
  const { build: viteBuild } = await import('vite')
  await viteBuild({ configFile: path.join('gateway', 'console', 'vite.config.mjs'), logLevel: 'warn' })
}
writeFileSync(stamp, '')
