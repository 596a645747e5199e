import { exampleBox, exampleLaden, exampleManifest, exampleTerminalOrder } from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import { exampleNowMs } from '../examples.js'
import type { Cases } from './case.js'
import { customsSays, goodReceipt, iqNo, iqSays, releasedExcept, untrusted } from './papers.js'

const clear = exampleLaden()
const noTrip = exampleLaden({ known: { trip: 'unknown' } })
const noReleases = exampleLaden({ known: { releases: 'unknown' } })
const byWrongClock = exampleLaden({ now: { wallMs: exampleNowMs, ...untrusted } })
const { seaInLaden } = cargoProfiles
const clearAtSea = exampleLaden({}, seaInLaden)
const sentAgo = (agoMs: number, trusted = false) =>
  exampleLaden({ known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - agoMs, trusted } } })
const ordered = (change: Partial<typeof exampleTerminalOrder>) =>
  exampleLaden(
    { known: { terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, ...change } } } },
    seaInLaden,
  )
const customs = (result: 'LIFT' | 'HOLD' | 'LOCK') =>
  exampleLaden({ known: { customs: { is: 'answered', result, hint: '请到查验区' } } })
const notAsked = { customs: null }
const ranOut = releasedExcept('CUSTOMS', { validTo: exampleNowMs - 1 })

/** Rows 27 to 40. */
export const phase3: Cases = {
  '27': { yes: exampleLaden({ trip: { vehicleId: 'V9' } }), no: clear, unknown: noTrip },
  '28a': {
    yes: exampleLaden({
      seen: {
        containers: [
          { number: exampleBox, confidence: 0.98 },
          { number: 'MSCU1111111', confidence: 0.9 },
        ],
      },
    }),
    no: clear,
    unknown: noTrip,
  },
  '28b': {
    yes: exampleLaden({ seen: { containers: [] }, senses: { presentForMs: 8_000 } }),
    no: exampleLaden({ senses: { presentForMs: 8_000 } }),
    unknown: exampleLaden({ seen: { containers: null } }),
  },
  '29a': {
    yes: iqSays({ containers: [] }),
    no: clear,
    unknown: iqSays('unknown'),
  },
  '29b': {
    yes: exampleLaden({
      known: {
        manifest: { ...exampleManifest, lines: [{ lineNo: 1, container: exampleBox, declarationNo: null }] },
      },
    }),
    no: exampleLaden({
      known: {
        manifest: { ...exampleManifest, lines: [{ lineNo: 1, container: exampleBox, declarationNo: iqNo }] },
      },
    }),
    unknown: exampleLaden({ known: { manifest: 'unknown' } }),
  },
  '30a': {
    yes: iqSays({ state: 'CROSSED' }),
    no: iqSays({ state: 'ACCEPTED' }),
    unknown: customsSays('unknown'),
  },
  '30b': {
    yes: iqSays({ validTo: exampleNowMs - 1 }),
    no: iqSays({ validTo: exampleNowMs }),
    unknown: byWrongClock,
  },
  '30c': { yes: exampleLaden({ trip: { crossedAt: exampleNowMs - 60_000 } }), no: clear, unknown: noTrip },
  '31a': {
    yes: exampleLaden({ known: { manifest: null } }),
    no: clear,
    unknown: exampleLaden({ known: { manifest: 'unknown' } }),
  },
  '31b': { yes: sentAgo(50 * 60_000), no: sentAgo(60 * 60_000), unknown: byWrongClock },
  '31c': { yes: sentAgo(50 * 60_000 + 1), no: sentAgo(30 * 60_000, true), unknown: byWrongClock },
  '32': {
    yes: iqSays({ ruling: 'INSPECT' }),
    no: iqSays({ ruling: 'INSPECT', result: 'PASS' }),
    unknown: iqSays('unknown'),
  },
  '33a': {
    yes: iqSays({ ruling: 'DOCS' }),
    no: iqSays({ ruling: 'DOCS', result: 'PASS' }),
    unknown: iqSays('unknown'),
  },
  '33b': {
    yes: iqSays({ ruling: null }),
    no: iqSays({ ruling: null, result: 'PASS' }),
    unknown: iqSays('unknown'),
  },
  '34a': {
    yes: iqSays({ result: 'TREAT' }),
    no: iqSays({ result: 'TREAT', treatmentDone: true }),
    unknown: iqSays('unknown'),
  },
  '34b': {
    yes: exampleLaden({ known: { releases: releasedExcept('IQ', { state: 'REVOKED' }) } }),
    no: exampleLaden({ known: { releases: releasedExcept('IQ', null) } }),
    unknown: noReleases,
  },
  '35a': {
    yes: exampleLaden({ known: { ...notAsked, releases: releasedExcept('CUSTOMS', null) } }),
    no: exampleLaden({ known: notAsked }),
    unknown: exampleLaden({ known: { ...notAsked, releases: 'unknown' } }),
  },
  '35b': {
    yes: exampleLaden({ known: { ...notAsked, releases: ranOut } }),
    no: exampleLaden({
      known: { ...notAsked, releases: releasedExcept('CUSTOMS', { validTo: exampleNowMs }) },
    }),
    unknown: exampleLaden({
      now: { wallMs: exampleNowMs, ...untrusted },
      known: { ...notAsked, releases: releasedExcept('CUSTOMS', { validTo: exampleNowMs + 60_000 }) },
    }),
  },
  '35c': {
    yes: exampleLaden({ known: { releases: releasedExcept('CUSTOMS', { state: 'REVOKED' }) } }),
    no: clear,
    unknown: noReleases,
  },
  '36a': { yes: customs('HOLD'), no: customs('LIFT'), unknown: null },
  '36b': { yes: customs('LOCK'), no: customs('LIFT'), unknown: null },
  '36c': {
    yes: customsSays({ ruling: 'INSPECT' }),
    no: customsSays({ ruling: 'INSPECT', result: 'PASS' }),
    unknown: customsSays('unknown'),
  },
  '37a': {
    yes: ordered({ paid: false }),
    no: clearAtSea,
    unknown: exampleLaden({ known: { terminalOrders: {} } }, seaInLaden),
  },
  '37b': {
    yes: ordered({ slotFrom: exampleNowMs + 1 }),
    no: ordered({ slotFrom: exampleNowMs }),
    unknown: exampleLaden({ now: { wallMs: exampleNowMs, ...untrusted } }, seaInLaden),
  },
  '37c': {
    yes: exampleLaden({ known: { releases: releasedExcept('PORT', { state: 'REVOKED' }) } }, seaInLaden),
    no: exampleLaden({ known: { releases: releasedExcept('PORT', null) } }, seaInLaden),
    unknown: exampleLaden({ known: { releases: 'unknown' } }, seaInLaden),
  },
  '38': {
    yes: iqSays({ grossKg: 21_631 }),
    no: iqSays({ grossKg: 21_630 }),
    unknown: iqSays('unknown'),
  },
  '39a': {
    yes: exampleLaden(
      { seen: { receipt: goodReceipt }, known: { ...notAsked, releases: releasedExcept('CUSTOMS', null) } },
      seaInLaden,
    ),
    no: exampleLaden({ seen: { receipt: goodReceipt } }, seaInLaden),
    unknown: null,
  },
  '39b': {
    yes: exampleLaden({ seen: { receipt: { ...goodReceipt, used: true } } }, seaInLaden),
    no: exampleLaden({ seen: { receipt: goodReceipt } }, seaInLaden),
    unknown: null,
  },
  '40': {
    yes: exampleLaden({ trip: { documentTrucks: { total: 2, arrived: 0, last: true } } }),
    no: exampleLaden({ trip: { documentTrucks: { total: 2, arrived: 1 } } }),
    unknown: noTrip,
  },
}
