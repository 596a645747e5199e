import type { Namespace, OPCUAServer, StatusCode, UAObject, UAVariable, Variant as Written } from 'node-opcua'
import { assert } from '../../edge/base/assert.js'
import type { Clock } from '../../edge/base/clock.js'
import { DataType, StatusCodes, Variant } from './library.js'
import type { PlcOutputs } from './image.js'
import type { PlcImage, PlcLane } from './model.js'
import {
  batteryNodes,
  guidanceNodes,
  laneNodes,
  plcNodes,
  sprayerNodes,
  type NodeType,
  type PublishedNode,
} from './nodes.js'

export interface Publication {
  /** Puts on the wire what changed since the last time, values and qualities. */
  publish(): void
}

interface Given {
  readonly lanes: readonly PlcLane[]
  readonly clock: Clock
  readonly samplingMs?: number
}

/** Fills the address space with the node map of README.md. */
export function publishLanes(server: OPCUAServer, given: Given, bad: ReadonlySet<string>): Publication {
  const { addressSpace } = server.engine
  assert(addressSpace, 'an initialised server has an address space')
  const builder = new Builder(addressSpace.getOwnNamespace(), given.samplingMs ?? 50)
  const [first] = given.lanes
  assert(first, 'a PLC has at least one lane')
  const nowMs = () => given.clock.now().monoMs

  const plc = builder.folder(addressSpace.rootFolder.objects, 'plc')
  const published: Published[] = plcNodes.map((node) => builder.value(plc, 'plc', node, first))
  builder.input(
    plc,
    'plc',
    'EdgeHeartbeat',
    'UInt32',
    () => 0,
    (value) => {
      if (typeof value !== 'number') return StatusCodes.BadTypeMismatch
      for (const lane of given.lanes) lane.edgeHeartbeat(value, nowMs())
      return StatusCodes.Good
    },
  )

  for (const lane of given.lanes) {
    const folder = builder.folder(addressSpace.rootFolder.objects, lane.id)
    published.push(...laneNodes.map((node) => builder.value(folder, lane.id, node, lane)))
    const requests: [string, (line: string) => unknown][] = [
      ['CommandRequest', (line) => lane.request(line, nowMs())],
    ]
    if (lane.image().onBattery !== undefined)
      published.push(...batteryNodes.map((node) => builder.value(folder, lane.id, node, lane)))
    if (lane.image().sprayer) {
      published.push(...sprayerNodes.map((node) => builder.value(folder, lane.id, node, lane)))
      requests.push(['SprayRequest', (line) => lane.spray(line, nowMs())])
    }
    for (const [name, ask] of requests) {
      let newest = ''
      builder.input(
        folder,
        lane.id,
        name,
        'String',
        () => newest,
        (value) => {
          if (typeof value !== 'string') return StatusCodes.BadTypeMismatch
          newest = value.slice(0, 200)
          ask(value)
          publish(published, bad)
          // Taking note of a request is not taking it: the answer stands in Accepted… and Refused….
          return StatusCodes.Good
        },
      )
    }
    for (const node of guidanceNodes) {
      builder.input(
        folder,
        lane.id,
        node.name,
        node.type,
        () => node.value(lane.image()),
        (value) => {
          const output = outputOf(node.name, value)
          if (!output) return StatusCodes.BadTypeMismatch
          lane.show(output, nowMs())
          return StatusCodes.Good
        },
      )
    }
  }
  publish(published, bad)
  return {
    publish: () => {
      publish(published, bad)
    },
  }
}

type Value = boolean | number | string

interface Published {
  readonly key: string
  readonly node: PublishedNode
  readonly lane: PlcLane
  readonly variable: UAVariable
  last: Value | undefined
  wasBad: boolean
}

function publish(published: readonly Published[], bad: ReadonlySet<string>): void {
  const images = new Map<PlcLane, PlcImage>()
  for (const one of published) {
    const image = images.get(one.lane) ?? one.lane.image()
    images.set(one.lane, image)
    const value = one.node.value(image)
    const isBad = bad.has(one.key)
    if (value === one.last && isBad === one.wasBad) continue
    one.last = value
    one.wasBad = isBad
    const status = isBad ? StatusCodes.BadSensorFailure : StatusCodes.Good
    one.variable.setValueFromSource({ dataType: DataType[one.node.type], value }, status)
  }
}

class Builder {
  readonly #namespace: Namespace
  readonly #samplingMs: number

  constructor(namespace: Namespace, samplingMs: number) {
    this.#namespace = namespace
    this.#samplingMs = samplingMs
  }

  folder(organizedBy: UAObject, name: string): UAObject {
    return this.#namespace.addFolder(organizedBy, { browseName: name, nodeId: `s=${name}` })
  }

  value(folder: UAObject, prefix: string, node: PublishedNode, lane: PlcLane): Published {
    const key = `${prefix}.${node.name}`
    const variable = this.#namespace.addVariable({
      componentOf: folder,
      browseName: node.name,
      nodeId: `s=${key}`,
      dataType: node.type,
      accessLevel: 'CurrentRead',
      userAccessLevel: 'CurrentRead',
      minimumSamplingInterval: this.#samplingMs,
    })
    return { key, node, lane, variable, last: undefined, wasBad: false }
  }

  /** A node that the edge writes; `take` is the PLC's program reading it. */
  input(
    folder: UAObject,
    prefix: string,
    name: string,
    type: NodeType,
    current: () => Value,
    take: (value: unknown) => StatusCode,
  ): void {
    this.#namespace.addVariable({
      componentOf: folder,
      browseName: name,
      nodeId: `s=${prefix}.${name}`,
      dataType: type,
      minimumSamplingInterval: this.#samplingMs,
      value: {
        get: () => new Variant({ dataType: DataType[type], value: current() }),
        set: (variant: Written) => take(variant.value as unknown),
      },
    })
  }
}

function outputOf(name: string, value: unknown): Partial<PlcOutputs> | null {
  if (name === 'LightGreen' && typeof value === 'boolean') return { lightGreen: value }
  if (name === 'LightRed' && typeof value === 'boolean') return { lightRed: value }
  if (name === 'LedText' && typeof value === 'string') return { ledText: value.slice(0, 400) }
  if (name === 'VoicePrompt' && typeof value === 'number') return { voicePrompt: value }
  return null
}
