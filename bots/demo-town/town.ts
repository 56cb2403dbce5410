import { z } from "zod";
import town from "./town.json" with { type: "json" };

/**
 * The people and numbers that the sandbox shows as phones and Slack accounts. South Africa keeps no numbers for
 * fiction: all of ours begin with +27 60 000 or +27 60 001, and in the sandbox nothing is dialled.
 */
const phone = z.string().regex(/^\+2760000\d{4}$/);
const slackUser = z.string().regex(/^U[A-Z0-9]{8,}$/);
const reachable = {
  id: z.string(),
  name: z.string(),
  language: z.string(),
  sms: phone.optional(),
  whatsapp: phone.optional(),
};

const shape = z.object({
  municipality: z.string(),
  wards: z.number().int().positive(),
  sender: z.object({ sms: phone, whatsapp: phone }),
  citizens: z.array(z.object({ ...reachable, ward: z.number().int() })),
  liaisons: z.array(
    z.object({ ...reachable, outlet: z.string(), beat: z.string(), slack: slackUser.optional() }),
  ),
  officers: z.array(
    z.object({
      handle: z.string(),
      name: z.string(),
      title: z.string(),
      language: z.string(),
      phone: phone.optional(),
      slack: slackUser.optional(),
      roles: z.array(
        z.enum(["viewer", "agent", "author", "approver", "crisis_lead", "media_liaison", "auditor", "admin"]),
      ),
      duties: z.array(z.string()),
    }),
  ),
  slackUsers: z.array(
    z.object({
      id: slackUser,
      name: z.string(),
      realName: z.string(),
      title: z.string(),
      external: z.boolean().optional(),
    }),
  ),
  slackChannels: z.array(
    z.object({ id: z.string().regex(/^C[A-Z0-9]{8,}$/), name: z.string(), purpose: z.string() }),
  ),
});

export const TOWN = shape.parse(town);
