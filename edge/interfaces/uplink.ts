import type { Ack, Command, ListDelta, ListHead, Verdict } from '../messages/down.js'
import type { Answer, Health } from '../messages/up.js'

/** What came down from the gateway, parsed. The `retained` flag as the broker gave it is kept, because it proves nothing. */
export type Downlink =
  | { readonly is: 'ack'; readonly ack: Ack }
  | { readonly is: 'verdict'; readonly verdict: Verdict; readonly retained: boolean }
  | { readonly is: 'command'; readonly command: Command; readonly retained: boolean }
  | { readonly is: 'delta'; readonly delta: ListDelta }
  | { readonly is: 'listHead'; readonly head: ListHead }

export interface Uplink {
  readonly connected: boolean
  publishHealth(health: Health): void
  /** Best effort; the journal holds the truth. */
  publishAnswer(answer: Answer): void
  close(): Promise<void>
}
