import type { ControlFill, ControlListName, ControlMemory } from '../interfaces/list-store.js'
import type { ListFile } from './list-file.js'

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
