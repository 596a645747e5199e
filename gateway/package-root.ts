import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the program is installed, and its version: the nearest package.json above this file. */
export function packageRoot(): { readonly dir: string; readonly version: string } {
  let dir = path.dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const file = path.join(dir, 'package.json')
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }
      return { dir, version: typeof version === 'string' ? version : 'unknown' }
    }
    const parent = path.dirname(dir)
    if (parent === dir) return { dir: process.cwd(), version: 'unknown' }
    dir = parent
  }
}
