import { receiptSchema, receiptTextMax, type Receipt } from './receipt.js'

const prefix = 'LK1'
const form = /^LK1\.([A-Za-z0-9_-]{16,900})\.([A-Za-z0-9_-]{86})$/

/** What is to be signed of a receipt. */
export function receiptToSign(receipt: Receipt): string {
  return `${prefix}.${Buffer.from(JSON.stringify(receipt), 'utf8').toString('base64url')}`
}

/** The whole text of a receipt with its signature. */
export function receiptText(signed: string, signature: Uint8Array): string {
  return `${signed}.${Buffer.from(signature).toString('base64url')}`
}

/** A text taken apart; null: it is no receipt. Nothing of it is proven until the signature is. */
export function parseReceiptText(
  text: string,
): { readonly receipt: Receipt; readonly signed: string; readonly signature: Uint8Array } | null {
  const [, body, signature] = text.length > receiptTextMax ? [] : (form.exec(text.trim()) ?? [])
  if (body === undefined || signature === undefined) return null
  try {
    const said: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    const receipt = receiptSchema.parse(said)
    return { receipt, signed: `${prefix}.${body}`, signature: Buffer.from(signature, 'base64url') }
  } catch {
    return null
  }
}
