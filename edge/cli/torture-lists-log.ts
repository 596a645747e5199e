import { createReadStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { LanekeeperError } from '../base/error.js'
import { parseMark, type WriterMark } from '../testing/list-plan.js'
import type { DiskOp } from './torture-lists-disk.js'

/** What was recorded of a process, in its order: changes of files, and what it said of itself. */
export type Recorded = { readonly op: DiskOp } | { readonly mark: WriterMark }

/** Options of strace under which {@link readRecording} can read its output. */
export const straceOptions = [
  '-f',
  '--seccomp-bpf',
  '-y',
  '-xx',
  '-s',
  '1048576',
  '-e',
  'trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink',
  '-e',
  'signal=none',
] as const

const unfinished = ' <unfinished ...>'

/** Files whose loss could matter to the lists; the rest of the folder is other business. */
const watched = /^(lists\.db(-wal)?|(trust-copy\/)?trust\.json(\.part)?)$/

/** The calls that {@link straceOptions} ask for, of one process, as changes of the folder. */
export async function readRecording(file: string, folder: string): Promise<Recorded[]> {
  const reader = new StraceReader(folder)
  const recorded: Recorded[] = []
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
    recorded.push(...reader.read(line))
  return recorded
}

/** Reads line by line; a call that another thread interrupted counts when it ends. */
export class StraceReader {
  readonly #folder: string
  readonly #unfinished = new Map<string, string>()
  /** Where the next `write` of a file goes, by name. */
  readonly #positions = new Map<string, number>()
  #said = ''

  constructor(folder: string) {
    this.#folder = folder
  }

  read(line: string): Recorded[] {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (text.endsWith(unfinished)) {
      this.#unfinished.set(pid, text.slice(0, -unfinished.length))
      return []
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)
    if (!resumed) return this.#call(text)
    const begun = this.#unfinished.get(pid) ?? ''
    this.#unfinished.delete(pid)
    return this.#call(begun + (resumed[1] ?? ''))
  }

  #call(text: string): Recorded[] {
    const [, name = '', given = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(text) ?? []
    if (name === '' || result.startsWith('-')) return []
    if (name === 'write' && given.startsWith('1<')) return this.#say(given)
    const ops = this.#ops(name, given, Number(result))
    return ops.map((op) => ({ op }))
  }

  #ops(name: string, given: string, result: number): DiskOp[] {
    if (name === 'rename') {
      const [from, to] = stringsIn(given).map((one) => this.#nameOf(one.toString()))
      return from && to ? [{ is: 'rename', name: from, to }] : []
    }
    if (name === 'unlink' || name === 'openat') {
      const file = this.#nameOf((stringsIn(given)[0] ?? '').toString())
      if (!file) return []
      if (name === 'openat') return this.#opened(file, given)
      return [{ is: 'unlink', name: file }]
    }
    const where = hexed(/^\d+<([^>]*)>/.exec(given)?.[1] ?? '').toString()
    if (name === 'fsync' || name === 'fdatasync') return this.#synced(where)
    const file = this.#nameOf(where)
    if (!file) return []
    if (name === 'ftruncate') return [{ is: 'truncate', name: file, size: lastNumber(given) }]
    const bytes = stringsIn(given)[0]
    if (bytes?.length !== result)
      throw new LanekeeperError('torture.recording', `a write of ${file} was recorded in part only`)
    const at = name === 'pwrite64' ? lastNumber(given) : (this.#positions.get(file) ?? 0)
    if (name === 'write') this.#positions.set(file, at + result)
    return [{ is: 'write', name: file, at, bytes }]
  }

  #opened(name: string, given: string): DiskOp[] {
    this.#positions.set(name, 0)
    const ops: DiskOp[] = []
    // Whether it was there before is known by who replays: only what is not there is made.
    if (given.includes('O_CREAT')) ops.push({ is: 'create', name })
    if (given.includes('O_TRUNC')) ops.push({ is: 'truncate', name, size: 0 })
    return ops
  }

  #synced(where: string): DiskOp[] {
    const file = this.#nameOf(where)
    if (file) return [{ is: 'sync', name: file }]
    const folder = path.relative(this.#folder, where)
    return folder === '' || folder === 'trust-copy' ? [{ is: 'syncNames', folder }] : []
  }

  #nameOf(file: string): string | null {
    const name = path.relative(this.#folder, file)
    return watched.test(name) ? name : null
  }

  #say(given: string): Recorded[] {
    this.#said += (stringsIn(given)[0] ?? Buffer.alloc(0)).toString()
    const lines = this.#said.split('\n')
    this.#said = lines.pop() ?? ''
    return lines.flatMap((line) => {
      const mark = parseMark(line)
      return mark ? [{ mark }] : []
    })
  }
}

/** The strings of a call, which strace writes in hexadecimal throughout. */
function stringsIn(given: string): Buffer[] {
  return [...given.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => hexed(text))
}

function hexed(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}

function lastNumber(given: string): number {
  return Number(/(\d+)$/.exec(given)?.[1] ?? Number.NaN)
}
