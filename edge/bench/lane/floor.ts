import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { sleep, systemClock } from '../../base/clock.js'
import { LanekeeperError } from '../../base/error.js'
import { ownCertificate } from '../../drivers/barrier/opcua/certificates.js'
import { keepLibraryQuiet, PlcSession } from '../../drivers/barrier/opcua/session.js'
import { silentLogger } from '../../base/log.js'
import { openConnection } from '../../store/database.js'
import type { SiteCertificates } from '../../../simulators/scenario/site-files.js'
import { machineMs } from '../machine-time.js'

/** Bytes of one recorded decision with its inputs, about. */
const rowBytes = 3_000
/** A pause between two, as between two vehicles: neither disk nor client is kept warm by a tight loop. */
const pauseMs = 4

/** One turn of the floor: a commit, then a write; the write's arrival is known to the PLC only. */
export interface FloorTurn {
  readonly commandId: string
  readonly commitMs: number
  readonly writeFromMs: number
  readonly writeAnsweredMs: number
}

/**
 * What nothing can be faster than: one row made durable in a database with the edge's settings, then
 * one value written to the same PLC, from a process that does nothing else.
 */
export class Floor {
  readonly #session: PlcSession
  readonly #commit: (row: string) => Promise<void>
  readonly #close: () => Promise<void>
  #done = 0

  private constructor(
    session: PlcSession,
    commit: (row: string) => Promise<void>,
    close: () => Promise<void>,
  ) {
    this.#session = session
    this.#commit = commit
    this.#close = close
  }

  static async open(given: {
    readonly dir: string
    readonly endpoint: string
    readonly certificates: SiteCertificates
  }): Promise<Floor> {
    keepLibraryQuiet(silentLogger)
    const { certificates } = given
    const session = await PlcSession.open(
      {
        endpoint: given.endpoint,
        policy: 'Basic256Sha256',
        samplingMs: 1_000,
        own: await ownCertificate(certificates.edgePkiDir, systemClock.now().wallMs),
        pinned: new X509Certificate(readFileSync(certificates.plcCertificateFile)).raw,
      },
      AbortSignal.timeout(10_000),
    )
    const connection = await openConnection(path.join(given.dir, 'floor.db'), true)
    await connection.exec('CREATE TABLE events (sequence INTEGER PRIMARY KEY, envelope TEXT NOT NULL)')
    return new Floor(
      session,
      async (row) => {
        await connection.run('INSERT INTO events (envelope) VALUES (?)', [row])
      },
      async () => {
        await session.close()
        await connection.close()
      },
    )
  }

  /** One after the other; the first few warm up and are thrown away. */
  async run(count: number, node: string): Promise<FloorTurn[]> {
    const warmUp = Math.min(20, count)
    const turns: FloorTurn[] = []
    for (let n = 0; n < count + warmUp; n += 1) {
      const turn = await this.#turn(node)
      if (n >= warmUp) turns.push(turn)
      await sleep(systemClock, 'bench floor', pauseMs)
    }
    return turns
  }

  close(): Promise<void> {
    return this.#close()
  }

  async #turn(node: string): Promise<FloorTurn> {
    this.#done += 1
    const commandId = `floor.${this.#done}`
    const row = commandId.padEnd(rowBytes, 'x')
    const fromMs = machineMs()
    await this.#commit(row)
    const writeFromMs = machineMs()
    // Of a boot that never was, so that the PLC refuses it: judged and stamped like any, and no arm moves.
    const [answer] = await this.#session.write([{ nodeId: node, value: `raise;${commandId};no-boot;1` }])
    if (answer?.is !== 'good') throw new LanekeeperError('bench.floor', `the PLC answered ${answer?.status}`)
    return { commandId, commitMs: writeFromMs - fromMs, writeFromMs, writeAnsweredMs: machineMs() }
  }
}
