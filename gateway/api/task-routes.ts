import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { normaliseContainer } from '../../edge/domain/tag/container.js'
import { Refusal } from '../desk/refusal.js'
import type { InspectionRecord } from '../domain/inspection.js'
import type { Database } from '../store/database.js'
import { findInspection, listFees, listInspections, listReceipts } from '../store/tasks.js'
import type { ContainerLocks } from '../tasks/locks.js'
import type { Tasks } from '../tasks/service.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'
import { shownCodes } from './secrecy.js'
import {
  containerLockSchema,
  feeItemSchema,
  receiptRequestSchema,
  receiptStateSchema,
  inspectionSchema,
  inspectionStepSchema,
  shownLockSchema,
  unlockRequestSchema,
  type InspectionState,
} from './task-schemas.js'

export interface TaskRoutesGiven {
  readonly database: Database
  readonly tasks: Tasks
  readonly locks: ContainerLocks
  /** Names under which inspectors sign in. */
  readonly inspectors: readonly string[]
  /** Public half of the key that receipts are signed with, one line. */
  readonly receiptKey: string
}

const taskParams = z.object({ taskId: z.string().min(1).max(140) })
const containerParams = z.object({ number: z.string().min(1).max(64) })
const limitQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(200) })

/** What is to be done behind the lanes: inspections, locked containers, fees. */
export function taskRoutes(app: FastifyInstance, given: TaskRoutesGiven): void {
  inspectionRoutes(app, given)
  lockRoutes(app, given)
  feeRoutes(app, given)
  receiptRoutes(app, given)
}

function inspectionRoutes(app: FastifyInstance, { database, tasks, inspectors }: TaskRoutesGiven): void {
  const listSchema = z.object({
    tasks: z.array(inspectionSchema),
    /** Who may inspect; empty: whoever is signed in. */
    inspectors: z.array(z.string()),
  })
  const querystring = document(limitQuery, 'input')
  app.get(
    '/api/inspections',
    { schema: says('Inspection tasks: open ones first, the newest first', listSchema, { querystring }) },
    async (request, reply) => {
      const { limit } = parse(limitQuery, request.query)
      reply.header('cache-control', 'no-store')
      const records = await database.read((sql) => listInspections(sql, limit))
      return { tasks: records.map(inspectionView), inspectors }
    },
  )

  const params = document(taskParams)
  app.get(
    '/api/inspections/:taskId',
    { schema: says('An inspection task', inspectionSchema, { params }) },
    async (request) => {
      const { taskId } = parse(taskParams, request.params)
      const task = await database.read((sql) => findInspection(sql, taskId))
      if (!task) throw new Refusal('notFound', `there is no inspection ${taskId}`)
      return inspectionView(task)
    },
  )

  const body = document(inspectionStepSchema, 'input')
  app.post(
    '/api/inspections/:taskId',
    { schema: says('One step of an inspection task', inspectionSchema, { params, body }) },
    async (request) => {
      const { taskId } = parse(taskParams, request.params)
      const step = parse(inspectionStepSchema, request.body)
      return inspectionView(await tasks.step(taskId, step, operatorOf(request)))
    },
  )
}

function lockRoutes(app: FastifyInstance, { locks }: TaskRoutesGiven): void {
  const listSchema = z.object({ locks: z.array(shownLockSchema) })
  app.get(
    '/api/locks',
    { schema: says('Locked containers, and what each lacks before an officer may unlock it', listSchema) },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { locks: await locks.shown() }
    },
  )

  app.post(
    '/api/containers/:number/unlock',
    {
      schema: says(
        'Unlock a container: inspected, passed, and treated where that was ordered',
        containerLockSchema,
        {
          params: document(containerParams),
          body: document(unlockRequestSchema, 'input'),
        },
      ),
    },
    async (request) => {
      const { number } = parse(containerParams, request.params)
      const asked = parse(unlockRequestSchema, request.body)
      return locks.unlock(normaliseContainer(number) || number, asked, operatorOf(request))
    },
  )
}

function feeRoutes(app: FastifyInstance, { database }: TaskRoutesGiven): void {
  const listSchema = z.object({ fees: z.array(feeItemSchema) })
  app.get(
    '/api/fees',
    { schema: says('Fee items, newest first', listSchema, { querystring: document(limitQuery, 'input') }) },
    async (request) => {
      const { limit } = parse(limitQuery, request.query)
      return { fees: await database.read((sql) => listFees(sql, limit)) }
    },
  )
}

function receiptRoutes(app: FastifyInstance, { database, tasks, receiptKey }: TaskRoutesGiven): void {
  const listSchema = z.object({
    receipts: z.array(receiptStateSchema),
    publicKey: z.string().describe('For `receiptKeys` in the configuration of the edges.'),
  })
  const querystring = document(limitQuery, 'input')
  app.get(
    '/api/receipts',
    {
      schema: says('Release receipts, newest first, and the key to check them with', listSchema, {
        querystring,
      }),
    },
    async (request) => {
      const { limit } = parse(limitQuery, request.query)
      return { receipts: await database.read((sql) => listReceipts(sql, limit)), publicKey: receiptKey }
    },
  )

  const body = document(receiptRequestSchema, 'input')
  app.post(
    '/api/receipts',
    { schema: says('Issue a release receipt by hand', receiptStateSchema, { body }) },
    async (request) => tasks.issue(parse(receiptRequestSchema, request.body), operatorOf(request)),
  )
}

/** A secret order that sends a vehicle to inspection looks like the random draw. */
function inspectionView(task: InspectionRecord): InspectionState {
  return { ...task, reasons: shownCodes(task.reasons) }
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
