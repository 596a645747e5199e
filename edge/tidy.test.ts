import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

/**
 * The rules of the house that no compiler knows: who may import whom, which package lives where,
 * who may read a clock. A rule that is only written down is broken within a month.
 */

const top = process.cwd()
const parts = ['edge', 'gateway', 'simulators', 'config']

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

interface Source {
  readonly file: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** First match counts, so the narrower folder stands first. */
interface Rule {
  readonly folder: string
  /** Our own folders it may import from, beside itself. */
  readonly may: readonly string[]
  /** Our own folders of which it may import types only. */
  readonly types?: readonly string[]
  readonly npm?: readonly string[]
  /** `true`: any part of Node. */
  readonly node?: readonly string[] | true
}

const shared = ['edge/base', 'edge/messages', 'edge/interfaces']
const wire = ['edge/base', 'edge/messages']
const judgement = ['edge/domain/tag', 'edge/domain/lists', 'edge/domain/decision']

const rules: readonly Rule[] = [
  { folder: 'edge/base', may: ['edge/messages'], npm: ['zod'], node: ['node:crypto'] },
  { folder: 'edge/messages', may: ['edge/base'], npm: ['zod'] },
  { folder: 'edge/interfaces', may: [], types: wire, node: ['node:stream'] },
  // Schemas of messages are pure functions: reading a record back is parsing, also in the domain.
  { folder: 'edge/domain', may: shared },
  {
    folder: 'edge/drivers/reader/line',
    may: [...shared, 'edge/drivers/reader/common'],
    npm: ['serialport', '@serialport/parser-readline', 'zod', 'rxjs'],
    node: true,
  },
  {
    folder: 'edge/drivers/reader/mqtt',
    may: [...shared, 'edge/drivers/reader/common'],
    npm: ['mqtt', 'zod', 'rxjs'],
    node: true,
  },
  {
    folder: 'edge/drivers/barrier/opcua',
    may: [...shared, 'edge/drivers/barrier/common'],
    npm: [
      'node-opcua',
      'node-opcua-certificate-manager',
      'node-opcua-client',
      'node-opcua-common',
      'node-opcua-transport',
      'zod',
      'rxjs',
    ],
    node: true,
  },
  { folder: 'edge/drivers', may: [...shared], npm: ['zod'], node: true },
  { folder: 'edge/lane', may: [...shared, 'edge/domain'] },
  { folder: 'edge/store', may: shared, npm: ['sqlite3', 'zod'], node: true },
  { folder: 'edge/enrol', may: shared, npm: ['zod'], node: true },
  { folder: 'edge/uplink', may: shared, npm: ['mqtt', 'zod', 'rxjs'], node: true },
  { folder: 'edge/reader-bus', may: shared, npm: ['aedes', 'zod'], node: true },
  { folder: 'edge/health', may: shared, npm: ['prom-client', 'rxjs', 'zod'], node: true },
  {
    folder: 'edge/config',
    may: [...shared, 'edge/domain', 'edge/drivers', 'edge/reader-bus'],
    npm: ['zod', 'yaml'],
    node: true,
  },
  {
    folder: 'edge/bench',
    may: ['edge', 'gateway', 'simulators'],
    npm: ['sqlite3', 'mqtt', 'aedes', 'node-opcua', 'zod', 'pino', 'json-rules-engine'],
    node: true,
  },
  { folder: 'edge/testing', may: ['edge'], node: true },
  {
    folder: 'edge/cli',
    may: ['edge', 'gateway', 'simulators'],
    npm: ['commander', 'pino', 'yaml', 'zod'],
    node: true,
  },
  { folder: 'edge/main.ts', may: ['edge'], npm: ['pino'], node: true },
  {
    folder: 'gateway/domain',
    may: [...wire, ...judgement],
    types: [
      'gateway/api/schemas.js',
      'gateway/api/task-schemas.js',
      'gateway/api/mode-schemas.js',
      'gateway/api/alert-schemas.js',
      'gateway/api/supplement-schemas.js',
    ],
  },
  { folder: 'gateway/broker', may: [...wire, 'gateway'], npm: ['aedes', 'zod'], node: true },
  { folder: 'gateway/store', may: [...wire, ...judgement, 'gateway'], npm: ['sqlite3', 'zod'], node: true },
  {
    folder: 'gateway/authority',
    may: [...wire, 'gateway'],
    npm: ['@peculiar/x509', 'reflect-metadata', 'zod'],
    node: true,
  },
  {
    folder: 'gateway/api',
    may: [...wire, ...judgement, 'gateway'],
    npm: ['fastify', '@fastify/cookie', '@fastify/static', '@fastify/swagger', 'prom-client', 'zod', 'rxjs'],
    node: true,
  },
  {
    folder: 'gateway/console/web',
    may: [
      'edge/messages',
      'edge/base',
      'gateway/api/schemas.js',
      'gateway/api/task-schemas.js',
      'gateway/api/mode-schemas.js',
      'gateway/api/alert-schemas.js',
      'gateway/api/supplement-schemas.js',
      'gateway/api/sign-in-schemas.js',
      'gateway/api/order-schemas.js',
      'gateway/api/list-schemas.js',
      'gateway/api/lift-schemas.js',
    ],
    npm: ['preact', 'qrcode-generator'],
  },
  {
    folder: 'gateway/lists/formats',
    may: [...wire],
    npm: ['saxes', 'fflate', 'zod'],
  },
  { folder: 'gateway', may: [...wire, ...judgement], npm: ['zod', 'rxjs', 'pino'], node: true },
  {
    folder: 'simulators/lane-sim',
    may: [...shared, 'edge/lane', 'edge/domain', 'gateway/domain', 'simulators'],
    npm: ['zod'],
    node: true,
  },
  { folder: 'simulators/plc', may: [...shared, 'simulators'], npm: ['node-opcua', 'zod'], node: true },
  {
    folder: 'simulators/trials',
    may: [
      ...shared,
      'simulators',
      'edge/store/read-only.js',
      'edge/cli/certificates.js',
      'gateway/api/schemas.js',
    ],
    node: true,
  },
  {
    folder: 'simulators/real-world',
    may: [...shared, 'simulators', 'edge/store/read-only.js', 'edge/cli/certificates.js'],
    types: ['gateway/api/schemas.js'],
    node: true,
  },
  {
    folder: 'simulators',
    may: [...shared, 'simulators', 'edge/domain/tag/plate.js'],
    types: ['gateway/api/schemas.js'],
    npm: ['zod', 'yaml', 'mqtt', 'serialport', '@lydell/node-pty', 'rxjs'],
    node: true,
  },
  { folder: 'config', may: [], node: true },
]

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(top, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesBelow(file)
    return /\.tsx?$/.test(entry.name) ? [file] : []
  })
}

function importsOf(text: string): Import[] {
  const found: Import[] = []
  const statement =
    /^(?:import|export)\s+(type\s+)?(?:(\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+(?:\s*,\s*\{[^}]*\})?)\s+from\s+)['"]([^'"]+)['"]/gm
  for (const [, type, names, specifier] of text.matchAll(statement)) {
    if (!specifier) continue
    const inner = /^\{([^}]*)\}$/.exec(names ?? '')?.[1]
    const allTypes = inner?.split(',').every((name) => /^\s*(type\s|$)/.test(name)) ?? false
    found.push({ specifier, typeOnly: type !== undefined || allTypes })
  }
  for (const [, specifier] of text.matchAll(/(?:^import\s+|\bimport\(\s*)['"]([^'"]+)['"]/gm)) {
    if (specifier) found.push({ specifier, typeOnly: false })
  }
  return found
}

const sources: readonly Source[] = parts.flatMap(sourcesBelow).map((file) => {
  const text = readFileSync(path.join(top, file), 'utf8')
  return { file, text, imports: importsOf(text) }
})

/** Tests, and what only tests use, may reach across: they test against neighbours. */
const isTest = (file: string) => /\.test\.tsx?$|\/testing\/|\.contract\.ts$/.test(file)
const isWithin = (file: string, folder: string) => file === folder || file.startsWith(`${folder}/`)
const packageOf = (specifier: string) =>
  specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? specifier)

function objection(source: Source, one: Import): string | undefined {
  const rule = rules.find((candidate) => isWithin(source.file, candidate.folder))
  if (!rule) return 'no rule knows this folder'
  if (one.specifier.startsWith('node:')) {
    return rule.node === true || rule.node?.includes(one.specifier)
      ? undefined
      : `${rule.folder} may not use Node`
  }
  if (!one.specifier.startsWith('.')) {
    return rule.npm?.includes(packageOf(one.specifier))
      ? undefined
      : `${rule.folder} may not use this package`
  }
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(source.file), one.specifier))
  if (target === 'package.json') return undefined
  if (isWithin(target, rule.folder) || rule.may.some((folder) => isWithin(target, folder))) return undefined
  if (rule.types?.some((folder) => isWithin(target, folder)) && one.typeOnly) return undefined
  return `${rule.folder} may not import ${target}${one.typeOnly ? '' : ' (as a value)'}`
}

t.test('every import keeps to the rules of its folder', (t) => {
  const broken = sources
    .filter((source) => !isTest(source.file))
    .flatMap((source) =>
      source.imports.flatMap((one) => {
        const why = objection(source, one)
        return why ? [`${source.file}: '${one.specifier}': ${why}`] : []
      }),
    )
  t.same(broken, [])
  t.ok(sources.length > 50, 'the walk found the sources')
  t.end()
})

t.test('one driver does not know another', (t) => {
  const family = (file: string) => /^edge\/drivers\/[^/]+\/([^/]+)\//.exec(file)?.[1]
  const broken = sources
    .filter((source) => !isTest(source.file) && family(source.file) !== undefined)
    .flatMap((source) =>
      source.imports
        .filter((one) => one.specifier.startsWith('.'))
        .map((one) => path.posix.normalize(path.posix.join(path.posix.dirname(source.file), one.specifier)))
        .filter((target) => {
          const other = family(target)
          return other !== undefined && other !== family(source.file) && other !== 'common'
        })
        .map((target) => `${source.file} -> ${target}`),
    )
  t.same(broken, [])
  t.end()
})

interface Ban {
  readonly pattern: RegExp
  readonly instead: string
  readonly allowed: (file: string) => boolean
}

const atTheRim = (file: string) =>
  isWithin(file, 'edge/cli') || isTest(file) || isWithin(file, 'gateway/console/web')

const bans: readonly Ban[] = [
  {
    pattern: /\b(Date\.now\(|new Date\(\)|performance\.now\(|setTimeout\(|setInterval\(|process\.hrtime)/,
    instead: 'take a Clock (edge/base/clock.ts)',
    allowed: (file) =>
      file === 'edge/base/clock.ts' ||
      isWithin(file, 'edge/bench') ||
      atTheRim(file) ||
      /\/(cli|main|bench[^/]*)\.ts$/.test(file),
  },
  {
    pattern: /\bMath\.random\(/,
    instead: 'take a Random (edge/base/random.ts)',
    allowed: (file) => file === 'edge/base/random.ts' || isTest(file),
  },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    instead: 'mend it or open an issue',
    allowed: (file) => file === 'edge/tidy.test.ts',
  },
  {
    pattern: /\bas any\b|as unknown as|eslint-disable|@ts-(ignore|expect-error|nocheck)/,
    instead: 'a type that is true',
    allowed: (file) => file === 'edge/tidy.test.ts',
  },
  {
    pattern: /\.only\(/,
    instead: 'run it or remove it',
    allowed: (file) => file === 'edge/tidy.test.ts',
  },
  {
    pattern: /\basync\b|\bawait\b|\bPromise\b/,
    instead: 'domain code is synchronous: give it facts, not ways to fetch them',
    allowed: (file) => !/^(edge|gateway)\/domain\//.test(file) || isTest(file),
  },
]

t.test('banned calls have their replacement', (t) => {
  const withoutComments = (text: string) =>
    text.replace(/\/\*[\s\S]*?\*\//g, (all) => all.replace(/[^\n]/g, ' ')).replace(/(^|\s)\/\/.*$/gm, '')
  const broken = sources.flatMap((source) =>
    bans
      .filter((ban) => !ban.allowed(source.file))
      .flatMap((ban) =>
        withoutComments(source.text)
          .split('\n')
          .flatMap((line, index) =>
            ban.pattern.test(line) ? [`${source.file}:${index + 1}: ${line.trim()} -> ${ban.instead}`] : [],
          ),
      ),
  )
  t.same(broken, [])
  t.end()
})

t.test('a file stays short enough to be read in one sitting', (t) => {
  const long = sources
    .filter((source) => !isTest(source.file))
    .map((source) => ({ file: source.file, lines: source.text.split('\n').length }))
    .filter((source) => source.lines > 420)
  t.same(long, [])
  t.end()
})

t.test('every folder with code says in a README what it is', (t) => {
  const folders = new Set(
    sources
      .map((source) => source.file.split('/').slice(0, 2).join('/'))
      .filter((folder) => !folder.includes('.')),
  )
  const silent = [...folders].filter((folder) => !readdirSync(path.join(top, folder)).includes('README.md'))
  t.same(silent, [])
  t.end()
})
