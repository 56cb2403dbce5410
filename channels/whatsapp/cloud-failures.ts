import { type Fault, faultsByCode } from "../failure.ts";
import errors from "./cloud-errors.json" with { type: "json" };

export const cloudFaults = faultsByCode(errors.groups);

/** What a code of Meta's means; one that we do not know is final, and staff get the page that explains it. */
export function cloudFault(code: string): Fault {
  return (
    cloudFaults.get(code) ?? {
      failure: "refused",
      code,
      detail: `Meta refused the message (${code}); see https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes`,
    }
  );
}
