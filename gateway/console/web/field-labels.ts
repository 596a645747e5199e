import type { TextKey } from '../../../edge/messages/text/catalogue.js'

/** The label of a field by its place in what the form sends. */
export type FieldLabels = Readonly<Record<string, TextKey>>

/** Of the form that places an order. */
export const orderFields: FieldLabels = {
  orderId: 'order.number',
  agency: 'order.agency',
  subject: 'order.subject',
  'subject.kind': 'order.subjectKind',
  'subject.key': 'order.subject',
  action: 'order.action',
  nature: 'order.nature',
  level: 'order.level',
  reason: 'order.reason',
  validFrom: 'order.validFrom',
  validTo: 'order.validTo',
  maxHits: 'order.maxHits',
  patternMayIntercept: 'order.patternMayIntercept',
}

/** Of the steps of an order or a hold: approving, rejecting, lifting. */
export const stepFields: FieldLabels = {
  orderId: 'order.number',
  reason: 'order.liftReason',
  why: 'order.remark',
  passphrase: 'order.passphrase',
  signature: 'order.signLift',
}

/** Of the form that reads a file. */
export const importFields: FieldLabels = {
  list: 'importing.list',
  format: 'importing.format',
  mode: 'importing.mode',
  name: 'importing.file',
  orderId: 'order.number',
}
