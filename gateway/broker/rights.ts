import { edgeSubscriptions, parseTopic, type DownKind, type UpKind } from '../../edge/messages/topics.js'
import { listNames } from '../../edge/messages/entities.js'

const downKinds: readonly DownKind[] = ['ack', 'verdict', 'command', 'list']
const upKinds: readonly UpKind[] = ['event', 'health', 'answer']

export interface Published {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
}

export type PublishRight =
  { readonly ok: true; readonly kind: UpKind } | { readonly ok: false; readonly why: RefusedPublish }

export type RefusedPublish = 'foreignTopic' | 'retained' | 'wrongQos'

/**
 * What an edge may publish: below its own `up/`, nothing retained, events with QoS 1 and nothing with
 * QoS 2, whose two-step exchange would only hide when an event is stored.
 */
export function mayPublish(site: string, edgeId: string, packet: Published): PublishRight {
  const topic = parseTopic(packet.topic)
  const own =
    topic?.to === 'up' && topic.site === site && topic.edge === edgeId && upKinds.includes(topic.kind)
  if (!own) return { ok: false, why: 'foreignTopic' }
  if (packet.retain) return { ok: false, why: 'retained' }
  if (topic.kind === 'event' ? packet.qos !== 1 : packet.qos > 1) return { ok: false, why: 'wrongQos' }
  return { ok: true, kind: topic.kind }
}

/** What an edge listens to: its own `down/`, the heads of its site's lists, what proves them. */
export type Listening = 'down' | 'heads' | 'trust'

/** What an edge may subscribe to, exactly: its own `down/`, the list heads of its site, whole or one by one, and their proof. */
export function maySubscribe(site: string, edgeId: string, filter: string): Listening | null {
  const [down, heads] = edgeSubscriptions(site, edgeId)
  if (filter === down) return 'down'
  if (filter === heads) return 'heads'
  const topic = parseTopic(filter)
  if (topic?.site !== site) return null
  if (topic.to === 'down') return topic.edge === edgeId && downKinds.includes(topic.kind) ? 'down' : null
  if (topic.to === 'trust') return 'trust'
  if (topic.to === 'listHead') return listNames.some((list) => list === topic.list) ? 'heads' : null
  return null
}
