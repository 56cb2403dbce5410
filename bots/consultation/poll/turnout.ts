import { type FlowDefinition, quorumOf } from "#flows";
import { countEligible, type Db } from "#storage";

/** Whether a committee's poll decides anything. */
export interface Turnout {
  readonly eligible: number;
  readonly voted: number;
  readonly quorum: number;
  readonly met: boolean;
}

/** Undefined: everybody may take part. */
export async function turnoutOf(
  db: Db,
  consultation: string,
  { voters }: Pick<FlowDefinition, "voters">,
  voted: number,
): Promise<Turnout | undefined> {
  if (!voters) return undefined;
  const eligible = await countEligible(db, consultation);
  const quorum = quorumOf(voters, eligible);
  return { eligible, voted, quorum, met: voted >= quorum };
}
