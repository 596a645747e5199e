import { createRequire } from 'node:module'
import type * as Library from 'node-opcua'
import { withoutNewKeys } from '../../edge/base/without-new-keys.js'

const require = createRequire(import.meta.url)
const library = withoutNewKeys(() => require('node-opcua') as typeof Library)

export const {
  AttributeIds,
  DataType,
  InMemoryCertificateStore,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  OPCUAServer,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  StatusCodes,
  Variant,
} = library
