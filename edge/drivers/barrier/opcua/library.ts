import { createRequire } from 'node:module'
import type * as Certificates from 'node-opcua-certificate-manager'
import type * as Client from 'node-opcua-client'
import type * as Common from 'node-opcua-common'
import type * as Transport from 'node-opcua-transport'
import { withoutNewKeys } from '../../../base/without-new-keys.js'

/**
 * The client's part of the library, required: the whole of it brings a server along, and to import it has its exports
 * looked for in all its text first. An edge is ready more than half a second earlier so.
 */
const require = createRequire(import.meta.url)
const load = (name: string): unknown => withoutNewKeys((): unknown => require(name))
const common = load('node-opcua-common') as typeof Common
const certificates = load('node-opcua-certificate-manager') as typeof Certificates
const transport = load('node-opcua-transport') as typeof Transport
const client = load('node-opcua-client') as typeof Client

export const { OPCUACertificateManager } = certificates
export const { InMemoryCertificateStore } = common
export const { defaultClientTransportFactory } = transport
export const {
  AttributeIds,
  ClientSubscription,
  DataType,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  StatusCodes,
  TimestampsToReturn,
  UserTokenType,
} = client
