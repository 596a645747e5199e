/**
 * Every topic of the wire, built and taken apart in one place (architecture.md 5).
 * `lk/v1/<site>/<edge>/up/{event,health,answer}`, `.../down/{ack,verdict,command,list}`,
 * and the retained topics `lk/v1/<site>/lists/<list>/head` and `lk/v1/<site>/lists/trust`.
 */
export type UpKind = 'event' | 'health' | 'answer'
export type DownKind = 'ack' | 'verdict' | 'command' | 'list'

const root = 'lk/v1'
const upKinds: readonly string[] = ['event', 'health', 'answer'] satisfies UpKind[]
const downKinds: readonly string[] = ['ack', 'verdict', 'command', 'list'] satisfies DownKind[]

export function upTopic(site: string, edge: string, kind: UpKind): string {
  return `${root}/${site}/${edge}/up/${kind}`
}

export function downTopic(site: string, edge: string, kind: DownKind): string {
  return `${root}/${site}/${edge}/down/${kind}`
}

export function listHeadTopic(site: string, list: string): string {
  return `${root}/${site}/lists/${list}/head`
}

/** Retained: the records that make the lists believable (edge/messages/trust). */
export function trustTopic(site: string): string {
  return `${root}/${site}/lists/trust`
}

/**
 * What an edge subscribes to: its own down topics, and what names the versions of its site's lists: the signed message
 * where it knows a root, else their bare heads. Never both: the message names all of them, and a thousand edges that
 * heard 18 heads beside it would hear nineteen messages where one does.
 */
export function edgeSubscriptions(site: string, edge: string, withTrust = false): string[] {
  const own = `${root}/${site}/${edge}/down/+`
  return [own, withTrust ? trustTopic(site) : listHeadTopic(site, '+')]
}

export type Topic =
  | { readonly to: 'up'; readonly site: string; readonly edge: string; readonly kind: UpKind }
  | { readonly to: 'down'; readonly site: string; readonly edge: string; readonly kind: DownKind }
  | { readonly to: 'listHead'; readonly site: string; readonly list: string }
  | { readonly to: 'trust'; readonly site: string }

/** Undefined for anything that is not exactly one of our topics. */
export function parseTopic(topic: string): Topic | undefined {
  const parts = topic.split('/')
  const [lk, v1, site, second, third, fourth] = parts
  if (parts.length === 5 && lk === 'lk' && v1 === 'v1' && site && second === 'lists' && third === 'trust')
    return { to: 'trust', site }
  if (parts.length !== 6 || lk !== 'lk' || v1 !== 'v1' || !site || !second || !third || !fourth)
    return undefined
  if (second === 'lists') return fourth === 'head' ? { to: 'listHead', site, list: third } : undefined
  if (third === 'up' && upKinds.includes(fourth))
    return { to: 'up', site, edge: second, kind: fourth as UpKind }
  if (third === 'down' && downKinds.includes(fourth)) {
    return { to: 'down', site, edge: second, kind: fourth as DownKind }
  }
  return undefined
}
