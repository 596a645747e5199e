import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { sentencesInChinese } from './sentences/index.js'
import { isFoundAgain, translated } from './spoken.js'

/** English sentences that were said elsewhere, found again as themselves, and as no others. */

const filled = (sentence: string, values: readonly string[]) =>
  sentence.replace(/\{(\d+)\}/g, (_, index: string) => values[Number(index)] ?? '')

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}[A-Za-z0-9]$/),
  fc.stringMatching(/^\/([a-z0-9.-]{1,8}\/){0,3}[a-z0-9.-]{0,12}[a-z0-9]$/),
  fc.nat().map(String),
  fc.constantFrom('127.0.0.1:8443', 'https://gateway.example:8444', '2026-06-01T08:00:00.000Z', '粤B12345'),
  // Names of people, lanes and files that are also words of the program.
  fc.constantFrom('none', 'gone', 'signed', 'added', 'changed', 'holds'),
)
const path = fc.constantFrom('/media/usb stick/keys/root-1.key', '/srv/口岸 1/edge.yaml')
const text = fc.constantFrom(
  "ENOENT: no such file or directory, open '/x'",
  'EACCES: permission denied, mkdir',
)

/** Values for the places of a sentence: a path may have blanks where no other place is beside it, and what went wrong ends it. */
function valuesFor(sentence: string): fc.Arbitrary<string[]> {
  const places = [...sentence.matchAll(/\{\d+\}/g)].map(({ index }) => ({
    isLast: !sentence.slice(index + 3).includes('{') && sentence.slice(0, index).endsWith(': '),
    isAlone: !/\} $/.test(sentence.slice(0, index)) && !/^ \{/.test(sentence.slice(index + 3)),
  }))
  return fc.tuple(
    ...places.map(({ isLast, isAlone }) =>
      fc.oneof(name, ...(isAlone ? [path] : []), ...(isLast ? [text] : [])),
    ),
  )
}

t.test('every sentence comes back as its own translation, whatever stands in it', (t) => {
  const known = Object.entries(sentencesInChinese).filter(([english]) => isFoundAgain(english))
  const onlyTold = Object.keys(sentencesInChinese).filter((english) => !isFoundAgain(english))
  t.same(
    onlyTold.sort(),
    [
      ...['other {0}', '{0} entries', '{0} h', '{0} min', '{0} or more', '{0} s', '{0} to {1}'],
      ...['{0} v{1} at {2}', '{0} would be {1}', '{0}, passage {1}'],
    ],
    'these have too few words of their own: they may only be told, never be the text of an error',
  )
  const given = fc
    .constantFrom(...known)
    .chain(([english, chinese]) => valuesFor(english).map((values) => ({ english, chinese, values })))
  fc.assert(
    fc.property(given, ({ english, chinese, values }) => {
      assert.equal(translated(filled(english, values), 'zh-CN'), filled(chinese, values))
    }),
    { numRuns: 5_000, verbose: 1 },
  )
  t.end()
})

t.test('what others say stays whole, although words of ours are in it', (t) => {
  const foreign = [
    'other side closed',
    'connect ECONNREFUSED 127.0.0.1:8443',
    "ENOENT: no such file or directory, open '/x'",
    'unable to verify the first certificate',
    "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
    'SQLITE_CANTOPEN: unable to open database file',
    'Client network socket disconnected before secure TLS connection was established',
    'listen EADDRINUSE: address already in use 127.0.0.1:8080',
    'the value would be lost',
    'Unexpected token } in JSON at position 4',
  ]
  for (const english of foreign) t.equal(translated(english, 'zh-CN'), english)
  t.end()
})
