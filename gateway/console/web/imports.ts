import type { Difference, DryRun, ImportFormat, ImportListed } from '../../api/list-schemas.js'
import { get } from './api.js'
import { sendFile, sendStep, type Failure, type Sent } from './send.js'

/** Formats of files, in the order in which they are offered. The last three are of toll agencies: tags only. */
export const formats: readonly ImportFormat[] = ['csv', 'json', 'ndjson', 'niop', 'itag', 'ctoc']
const tollFormats: readonly ImportFormat[] = ['niop', 'itag', 'ctoc']

export function isTollFormat(format: ImportFormat): boolean {
  return tollFormats.includes(format)
}

export function formatsFor(list: string): readonly ImportFormat[] {
  return list === 'tags' ? formats : formats.filter((format) => !isTollFormat(format))
}

/** No file ends an order or a ban by its silence. */
export function mayReplace(list: string): boolean {
  return list !== 'orders' && list !== 'blacklist'
}

/** Draws and plans are made by the gateway and read from no file. */
export function mayImport(list: string): boolean {
  return list !== 'draws' && list !== 'plans'
}

/** The newest first. Never rejects; null: they could not be had. */
export async function fetchImports(list: string): Promise<readonly ImportListed[] | null> {
  return (await get<{ imports: ImportListed[] }>(`/api/lists/${list}/imports`))?.imports ?? null
}

/** Never rejects; null: it could not be had. */
export function fetchImport(list: string, importId: string): Promise<DryRun | null> {
  return get<DryRun>(addressOf(list, importId))
}

export type DifferenceKind = 'added' | 'changed' | 'gone'

/** The first ones in key order. Never rejects; null: they could not be had. */
export async function fetchDifferences(
  run: Pick<DryRun, 'list' | 'importId'>,
  what: DifferenceKind,
  limit: number,
): Promise<readonly Difference[] | null> {
  const address = `${addressOf(run.list, run.importId)}/differences?what=${what}&limit=${limit}`
  return (await get<{ differences: Difference[] }>(address))?.differences ?? null
}

export function startImport(
  list: string,
  format: ImportFormat,
  mode: DryRun['mode'],
  file: File,
): Promise<Sent<DryRun>> {
  const asked = new URLSearchParams({ format, mode, name: file.name.slice(0, 128) })
  return sendFile(`/api/lists/${list}/imports?${asked.toString()}`, file)
}

/** Null: done. Never rejects. */
export function endImport(
  run: Pick<DryRun, 'list' | 'importId'>,
  how: 'apply' | 'discard',
): Promise<Failure | null> {
  return sendStep(`${addressOf(run.list, run.importId)}/${how}`, {})
}

/** Whether there is a file that tells the toll agency what became of its list. */
export function acknowledgementAddress(
  run: Pick<DryRun, 'list' | 'importId' | 'format' | 'state'>,
): string | null {
  const isOver = run.state === 'APPLIED' || run.state === 'BROKEN'
  return isTollFormat(run.format) && isOver ? `${addressOf(run.list, run.importId)}/acknowledgement` : null
}

function addressOf(list: string, importId: string): string {
  return `/api/lists/${encodeURIComponent(list)}/imports/${encodeURIComponent(importId)}`
}
