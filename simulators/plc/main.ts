import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { systemClock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { describeProblems } from '../../edge/base/result.js'
import { parseCommand, parseProcessConfig, type PlcCommand, type PlcProcessConfig } from './commands.js'
import { PlcLane } from './model.js'
import { startPlcServer, type PlcServer } from './server.js'

/** A PLC as a process of its own; README.md has its settings, its input and its output. */
const lineMaxChars = 8_192

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(2)
}

function readConfig(): PlcProcessConfig {
  const named = process.argv[2]
  if (named === undefined)
    fail('usage: plc <settings.json | the settings themselves as JSON>; see simulators/plc/README.md')
  let raw: unknown
  try {
    raw = JSON.parse(named.trimStart().startsWith('{') ? named : readFileSync(named, 'utf8'))
  } catch (error) {
    fail(`The settings cannot be read: ${messageOf(error)}`)
  }
  const parsed = parseProcessConfig(raw)
  if (!parsed.ok) fail(describeProblems(parsed.problems))
  return parsed.value
}

function makeLanes(config: PlcProcessConfig): Map<string, PlcLane> {
  const { truthFile } = config
  const bootId = `boot-${randomUUID().slice(0, 8)}`
  const nowMs = systemClock.now().monoMs
  const lanes = config.lanes.map(
    ({ id, armAngle, sprayer, battery }) =>
      new PlcLane({
        id,
        bootId,
        nowMs,
        armAngle,
        sprayer,
        settings: { tickMs: config.tickMs, hasBattery: battery },
        // The model's time restarts with the process; whoever compares several lives needs the wall clock.
        ...(truthFile !== null && {
          onTruth: (entry) => {
            appendFileSync(truthFile, `${JSON.stringify({ wallMs: systemClock.now().wallMs, ...entry })}\n`)
          },
        }),
      }),
  )
  return new Map(lanes.map((lane) => [lane.id, lane]))
}

async function obey(command: PlcCommand, lanes: Map<string, PlcLane>, server: PlcServer): Promise<void> {
  if ('stop' in command) {
    await server.stop()
    process.exit(0)
  }
  if ('power' in command) {
    await (command.power === 'off' ? server.stop() : server.restart())
    say({ power: command.power === 'off' ? 'off' : 'on' })
    return
  }
  const lane = lanes.get(command.lane)
  if (!lane) {
    say({ ignored: `There is no lane "${command.lane}".` })
    return
  }
  const nowMs = systemClock.now().monoMs
  if ('sensed' in command) lane.advance(nowMs, command.sensed)
  else if ('people' in command) lane.people(command.people, nowMs)
  else if ('badQuality' in command) server.setBadQuality(lane.id, command.badQuality)
  else {
    lane.advance(nowMs)
    if ('fail' in command) lane.fail(command.fail)
    else lane.mend()
  }
}

/** One command after the other, in the order of the lines. */
function listen(take: (line: string) => Promise<void>, end: () => void): void {
  let rest = ''
  let tail = Promise.resolve()
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(0, lineMaxChars)
    for (const line of lines) if (line.trim() !== '') tail = tail.then(() => take(line))
  })
  process.stdin.on('end', end)
}

const config = readConfig()
const lanes = makeLanes(config)
const server = await startPlcServer({
  lanes: [...lanes.values()],
  port: config.port,
  pkiDir: config.pkiDir,
  trustedCertificateFiles: config.trustedCertificateFiles,
  scanMs: config.scanMs,
  clock: systemClock,
})
say({ ready: { endpoint: server.endpoint, serverCertificateFile: server.serverCertificateFile } })

const stop = () => {
  void server.stop().finally(() => process.exit(0))
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
if (config.stdin === 'commands') {
  listen(async (line) => {
    const command = parseCommand(line)
    if (!command.ok) {
      say({ ignored: describeProblems(command.problems) })
      return
    }
    try {
      await obey(command.value, lanes, server)
    } catch (error) {
      fail(`The PLC cannot go on: ${messageOf(error)}`)
    }
  }, stop)
}
