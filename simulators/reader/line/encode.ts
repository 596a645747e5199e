import type { SimulatedTag } from '../tag.js'

/**
 * Lines as the readers write them, after the manuals' examples (field.md 2.6). Written apart from
 * the driver's codecs on purpose: two halves that share code share their mistakes.
 */
export const lineForms = ['transcore', 'alienNotify', 'alienTerse', 'nedap'] as const
export type LineForm = (typeof lineForms)[number]

const end = '\r\n'

/** All bytes of one report of one tag; `readerAtMs` is the reader's own clock. */
export function encodeReport(form: LineForm, tag: SimulatedTag, readerAtMs: number): Buffer {
  return Buffer.from(reportLines(form, tag, readerAtMs).join(''), 'latin1')
}

function reportLines(form: LineForm, tag: SimulatedTag, readerAtMs: number): string[] {
  switch (form) {
    case 'transcore':
      return [`#${tag.epc}${end}`]
    case 'alienTerse':
      return [`${words(tag.epc)},${tag.count ?? 1},${tag.antenna ?? '0'}${end}`]
    case 'nedap':
      return [`U${digits(tag.epc)}${digits(tag.driverId ?? '0')}${end}`]
    case 'alienNotify':
      return alienBlock(tag, localTime(readerAtMs)).map((line) => line + end)
  }
}

function alienBlock(tag: SimulatedTag, time: string): string[] {
  const count = tag.count ?? 1
  return [
    '#Alien RFID Reader Auto Notification Message',
    '#ReaderName: Lane Reader',
    '#IPAddress: 192.0.2.13',
    `#Time: ${time}`,
    '#Reason: TAGS PRESENT',
    `Tag:${words(tag.epc)}, Disc:${time}, Last:${time}, Count:${count}, Ant:${tag.antenna ?? '0'}`,
    '#End of Notification Message',
  ]
}

function words(hex: string): string {
  return (hex.match(/.{1,4}/g) ?? []).join(' ')
}

function digits(identity: string): string {
  return identity.padStart(10, '0').slice(-10)
}

function localTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}
