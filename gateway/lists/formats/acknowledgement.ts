import type { AckOutcome, TollAgency, TollingConfig } from './agencies.js'
import { homeOf } from './agencies.js'
import { ctocRevision } from './ctoc.js'
import { itagVersion } from './itag.js'
import { niopNameOf } from './niop.js'

export type TollFormat = 'niop' | 'itag' | 'ctoc'

/**
 * Return codes, as a public checker of such files gives them: NIOP and IAG 00 good, 01 header or count, 02
 * records, 07 name or form; CTOC 00 good, 01 header, 02 name, 03 records or trailer. What the other codes (03 to
 * 06 of NIOP and IAG, 04 of CTOC) mean is in no public source, so they are never sent unless agreed
 * (`tolling.returnCodes`).
 */
const publicCodes: Readonly<Record<TollFormat, Readonly<Record<AckOutcome, string>>>> = {
  niop: { good: '00', header: '01', count: '01', detail: '02', name: '07', format: '07' },
  itag: { good: '00', header: '01', count: '01', detail: '02', name: '07', format: '07' },
  ctoc: { good: '00', header: '01', name: '02', count: '03', detail: '03', format: '03' },
}

export interface Acknowledged {
  readonly format: TollFormat
  /** Name of the file that came. */
  readonly name: string
  readonly outcome: AckOutcome
  /** As the head of the file wrote it; empty: the head was not read. */
  readonly createdAt: string
  /** When the acknowledgement is made, UTC ms. */
  readonly atMs: number
}

export interface Acknowledgement {
  readonly fileName: string
  readonly text: string
}

/** The acknowledgement file for a tag list that came; undefined: its name does not even say from whom. */
export function acknowledgementOf(config: TollingConfig, of: Acknowledged): Acknowledgement | undefined {
  const code = config.returnCodes[of.format][of.outcome] ?? publicCodes[of.format][of.outcome]
  switch (of.format) {
    case 'niop':
      return niop(config, of, code)
    case 'itag':
      return itag(config, of, code)
    case 'ctoc':
      return ctoc(config, of, code)
  }
}

function niop(config: TollingConfig, of: Acknowledged, code: string): Acknowledgement | undefined {
  const named = niopNameOf(of.name)
  if (!named) return undefined
  const [base = '', kind = ''] = named.inside.split('.')
  const [, sender = '', time = ''] = base.split('_')
  const hub = config.hubId ?? config.agencyId
  const fields = [
    ['SubmissionType', 'ACK'],
    ['OrigSubmissionType', 'STVL'],
    ['OrigSubmissionDateTime', of.createdAt === '' ? timeOfName(time) : of.createdAt],
    ['NIOPHubID', hub],
    ['FromAgencyID', config.agencyId],
    ['ToAgencyID', sender],
    ['AckDateTime', utc(of.atMs)],
    ['AckReturnCode', code],
  ]
  const body = fields.map(([name = '', text = '']) => `  <${name}>${escaped(text)}</${name}>\n`).join('')
  return {
    fileName: `${hub}_${config.agencyId}_${base}_${code}_${kind.toUpperCase()}.ACK`,
    text: `<?xml version="1.0" encoding="UTF-8"?>\n<Acknowledgement>\n${body}</Acknowledgement>\n`,
  }
}

/** One record of 92 characters. */
function itag(config: TollingConfig, of: Acknowledged, code: string): Acknowledgement | undefined {
  const sender = /^\d{4}/.exec(of.name)?.[0]
  if (sender === undefined) return undefined
  const name = of.name.slice(0, 50).padEnd(50, ' ')
  return {
    fileName: `${config.agencyId}_${of.name.replaceAll('.', '_')}.ACK`,
    text: `ACK ${itagVersion}${config.agencyId}${sender}${name}${utc(of.atMs)}${code}\n`,
  }
}

/** One record of nine fields. */
function ctoc(config: TollingConfig, of: Acknowledged, code: string): Acknowledgement | undefined {
  const named = /^([a-z]{2})([a-z]{2})_(\d{8}T\d{6})/.exec(of.name)
  const { shortName } = config
  if (!named || shortName === undefined) return undefined
  const [, sender = '', , time = ''] = named
  const us = shortName.toLowerCase()
  const at = utc(of.atMs).replace('Z', '+00:00')
  const createdAt =
    of.createdAt === '' ? timeOfName(time.replace('T', '')).replace('Z', '+00:00') : of.createdAt
  const fields = [
    'ACK',
    'TAGS'.padStart(10, ' '),
    of.name.slice(0, 45).padStart(45, ' '),
    shortName,
    sender.toUpperCase(),
    createdAt.padStart(25, ' '),
    at,
    code,
    ctocRevision,
  ]
  const stamp = at.slice(0, 19).replaceAll(/[-:]/g, '')
  return {
    fileName: `${us}${sender}_${stamp}_${sender}${us}_${time}.ack`,
    text: `${fields.join(',')}\n`,
  }
}

/** `yyyy-MM-ddThh:mm:ssZ`. */
export function utc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

function timeOfName(digits: string): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? []
  return second === undefined
    ? ''
    : `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second}Z`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The tag agencies whose tags a home agency's file is about. */
export function agenciesOfHome(config: TollingConfig, home: string): readonly TollAgency[] {
  return config.agencies.filter((agency) => homeOf(agency) === home)
}
