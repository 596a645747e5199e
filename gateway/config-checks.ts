import { isIP } from 'node:net'
import type { Problem } from '../edge/base/result.js'
import type { GatewayConfig, ListenConfig } from './config.js'
import { plainName } from './domain/roles.js'
import { tollingProblems } from './lists/formats/agencies.js'

/** What is wrong with a configuration of the right form: its parts do not go together, or open too much. */
export function crossProblems(config: GatewayConfig): readonly Problem[] {
  return [
    ...listenProblems('http', config.http),
    ...authorityProblems(config),
    ...duplicateEdges(config),
    ...originProblems(config),
    ...peopleProblems(config),
    ...(config.tolling ? tollingProblems(config.tolling, 'tolling') : []),
  ]
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function listenProblems(name: string, listen: ListenConfig): Problem[] {
  if (isLoopback(listen.host) || listen.tls) return []
  return [
    {
      path: `${name}.host`,
      message: `${listen.host} is reachable from other machines, and there is no TLS.`,
      remedy: `Add ${name}.tls with keyFile and certFile, or listen on 127.0.0.1.`,
    },
  ]
}

function authorityProblems({ authority, mqtt, edgeHttp }: GatewayConfig): Problem[] {
  const problems: Problem[] = []
  const beyond = [mqtt, edgeHttp].some(({ host }) => !isLoopback(host))
  if (beyond && authority.names.length === 0) {
    const message = 'edges on other machines would not know the gateway by any name.'
    const remedy = 'Name the host or address that stands in the configuration of the edges.'
    problems.push({ path: 'authority.names', message, remedy })
  }
  if ((authority.keyFile === undefined) !== (authority.certFile === undefined)) {
    const remedy = 'Give both, or neither: then the gateway makes its own.'
    problems.push({ path: 'authority', message: 'keyFile and certFile belong together.', remedy })
  }
  return problems
}

function duplicateEdges(config: GatewayConfig): Problem[] {
  const seen = new Set<string>()
  return config.edges.flatMap((edge, index) => {
    const again = seen.has(edge.edgeId)
    seen.add(edge.edgeId)
    if (again) return [{ path: `edges.${index}.edgeId`, message: `${edge.edgeId} is enrolled twice.` }]
    if (edge.edgeId !== 'lists') return []
    return [
      { path: `edges.${index}.edgeId`, message: 'lists is a word of the wire and cannot name an edge.' },
    ]
  })
}

function originProblems(config: GatewayConfig): Problem[] {
  return config.http.publicOrigins.flatMap((origin, index) =>
    new URL(origin).origin === origin
      ? []
      : [
          {
            path: `http.publicOrigins.${index}`,
            message: `${origin} is more than an origin.`,
            remedy: `Write ${new URL(origin).origin}.`,
          },
        ],
  )
}

function peopleProblems({ people, operator }: GatewayConfig): Problem[] {
  const seen = new Set<string>()
  const problems = people.flatMap(({ name }, index): Problem[] => {
    // Names that look alike are one person: two of them would confirm each other's emergency.
    const plain = plainName(name)
    const again = seen.has(plain)
    seen.add(plain)
    return again
      ? [{ path: `people.${index}.name`, message: `${name} is named twice.`, remedy: 'Join the roles.' }]
      : []
  })
  if (people.length === 0 || people.some(({ name }) => name === operator)) return problems
  const message = `${operator}, who signs in by the printed link, is not among them and could change nothing.`
  return [
    ...problems,
    { path: 'people', message, remedy: `Name ${operator} with its roles, or set operator.` },
  ]
}
