import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { setTimeout } from 'node:timers/promises'
import { canonicalJson } from '../base/canonical.js'
import { headOf, tag } from '../store/testing/list.contract.js'
import { transferAttacks } from './testing/attack-rows.js'
import { linesOf, named, orderOf, proof, say, tryAttacks, v2, v3, type Attack } from './testing/hostile.js'

const bytesOf = (entries: readonly object[]): number =>
  Buffer.byteLength(linesOf(...entries.map((entry) => JSON.parse(canonicalJson(entry)) as object)))

const head = headOf('orders', 3, v3.entries)
const first = orderOf(1)

/** Version 3 is rightly proven; what comes when it is fetched in full is this. */
const answering = (respond: (response: ServerResponse) => void | Promise<void>): Attack => ({
  run: ({ gateway }) => {
    gateway.listRoute = (_request, response, url) => {
      if (url.pathname.includes('/orders/full')) void respond(response)
      else response.writeHead(404).end()
    }
    say(gateway, proof(v3, 3))
  },
})

const sending = (text: string): Attack => answering((response) => void response.end(text))

const trickle = async (response: ServerResponse): Promise<void> => {
  response.write(linesOf(head))
  for (const letter of 'x'.repeat(400)) {
    if (response.destroyed) return
    response.write(letter)
    await setTimeout(20)
  }
}

const endless = (response: ServerResponse, piece: string): void => {
  response.write(linesOf(head))
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

const bomb = gzipSync(linesOf(head) + ' '.repeat(64 * 1024 ** 2))

tryAttacks(transferAttacks, {
  standsStill: answering((response) => void response.write(linesOf(head, first))),
  trickles: answering(trickle),
  endlessEntries: answering((response) => {
    endless(response, linesOf(...Array.from({ length: 50 }, (_, n) => orderOf(n + 1))))
  }),
  padded: {
    // The entries and their hash are right: only the length tells.
    run: ({ gateway }) => {
      const padding = ' '.repeat(1_000)
      const lines = v3.entries.map((entry) => `${JSON.stringify(entry)}${padding}\n`)
      gateway.listRoute = (_request, response, url) => {
        if (url.pathname.includes('/orders/full')) response.end(`${linesOf(head)}${lines.join('')}`)
        else response.writeHead(404).end()
      }
      say(gateway, proof(v3, 3, { lists: { orders: { ...named(v3), bytes: bytesOf(v3.entries) } } }))
    },
  },
  endlessLine: answering((response) => {
    endless(response, 'x'.repeat(1_000))
  }),
  bomb: answering((response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)),
  cut: answering((response) => {
    // Once it has left, so that something comes before the cut.
    response.write(linesOf(head, first), () => response.destroy())
  }),
  tooShort: sending(linesOf(head, ...v2.entries)),
  altered: sending(linesOf(head, ...v2.entries, orderOf(4, { action: 'NOTIFY' }))),
  keyTwice: sending(linesOf(head, ...v2.entries, first)),
  wrongKind: sending(linesOf(head, ...v2.entries, tag('E4'))),
  otherHead: sending(linesOf(headOf('tags', 3, []))),
  otherVersion: sending(linesOf(headOf('orders', 3, [first]), first)),
  deepEntry: sending(`${linesOf(head)}${'['.repeat(900)}${']'.repeat(900)}\n`),
  extraField: sending(linesOf(head, { ...first, also: 'this' })),
  noJson: sending(`${linesOf(head)}{"kind":\n`),
  elsewhere: answering((response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()),
  forbidden: answering((response) => void response.writeHead(401).end()),
})
