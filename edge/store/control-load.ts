import { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type { ControlFill, ControlListName, ControlMemory, PackedControl } from '../interfaces/list-store.js'
import type { AskedControl } from './control-worker.js'
import type { ListFile } from './list-file.js'

/** A list of so many entries takes longer to read than a thread takes to begin. */
const besideFrom = 20_000
/** Several times what ten million entries take: lanes wait no longer for a thread that hangs. */
const besideWithinMs = 60_000

export interface ControlContent {
  readonly generation: number
  readonly count: number
}

/**
 * A control list as the database has it, in memory; into force when the caller says so. Rejects where it cannot be
 * read, or when `ending` fires.
 */
export async function readControl(
  file: ListFile,
  content: ControlContent,
  control: ControlMemory,
  list: ControlListName,
  ending?: AbortSignal,
): Promise<ControlFill> {
  const fill = control.fill(list)
  for await (const texts of file.pages(content)) {
    ending?.throwIfAborted()
    for (const text of texts) fill.putText(text)
  }
  return fill
}

/**
 * The same at the start, when everything is to be done at once: a long list is read and packed by another thread, so that
 * this one can bring the lanes up. Where that thread fails, whatever the reason, the list is read here.
 */
export async function readAtStart(
  file: ListFile,
  content: ControlContent,
  { control, log, clock }: { readonly control: ControlMemory; readonly log: Logger; readonly clock: Clock },
  list: ControlListName,
  ending: AbortSignal,
): Promise<ControlFill> {
  if (content.count < besideFrom) return readControl(file, content, control, list, ending)
  const givingUp = new AbortController()
  const cancel = clock.after('lists thread', besideWithinMs, () => {
    givingUp.abort()
  })
  try {
    const { generation, count } = content
    const { packerModule } = control
    const asked = { file: file.path, list, generation, count, packerModule }
    return control.adopt(await packedBeside(asked, AbortSignal.any([ending, givingUp.signal])))
  } catch (error) {
    ending.throwIfAborted()
    log.warn({ list, error: messageOf(error) }, 'a list is read in the thread of the lanes')
    return await readControl(file, content, control, list, ending)
  } finally {
    cancel()
  }
}

/** What another thread made of the list. Rejects with what it threw, or where it ended without a word. */
export async function packedBeside(asked: AskedControl, ending: AbortSignal): Promise<PackedControl> {
  ending.throwIfAborted()
  const worker = new Worker(new URL('./control-worker.js', import.meta.url), { workerData: asked })
  const end = (): void => void worker.terminate()
  ending.addEventListener('abort', end, { once: true })
  return new Promise<PackedControl>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      reject(new Error(`the thread that reads ${asked.list} ended with ${code}`))
    })
  }).finally(() => {
    ending.removeEventListener('abort', end)
  })
}
