import { parentPort, workerData } from 'node:worker_threads'
import type { ControlListName, OpenPacker } from '../interfaces/list-store.js'
import { contentPages, type Bodies } from './list-pages.js'
import { openReader } from './sqlite.js'

/** One content of a control list in a lists file, and who packs it. */
export interface AskedControl {
  readonly file: string
  readonly list: ControlListName
  readonly generation: number
  readonly count: number
  readonly packerModule: string
}

// A thread beside the lanes' own: reads the content, packs it, sends it, and ends. What it cannot read, it throws.
const { file, list, generation, count, packerModule } = workerData as AskedControl
const { openPacker } = (await import(packerModule)) as { openPacker: OpenPacker }
const reader = await openReader(file)
try {
  const packer = openPacker(list)
  const pages = contentPages({ generation, count }, (sql, values) => reader.all<Bodies>(sql, values))
  for await (const texts of pages) for (const text of texts) packer.putText(text)
  const packed = packer.pack()
  parentPort?.postMessage(packed, [...packed.buffers])
} finally {
  await reader.close()
}
