// A frontend's code on the generated types: it must compile, and what is marked must not.
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
import { useFragment as unmask } from '../generated/preset/fragment-masking';
import { InterventionLineFragmentDoc, type PlanDocument, type RegisterConversationDocument } from '../generated/preset/graphql';
import type { InterventionInput, PlanUpdate } from '../generated/types';

export function titles({ citizen }: ResultOf<typeof PlanDocument>): string[] {
  const interventions = citizen?.plan?.interventions ?? [];
  return interventions.map((one) => unmask(InterventionLineFragmentDoc, one).title);
}

export const conversation: VariablesOf<typeof RegisterConversationDocument> = {
  input: {
    citizenId: 'c',
    authority: 'JOBCENTER',
    heldAt: '2026-03-02T09:00:00+01:00',
    mode: 'PHONE',
    // optional with a default: agreementText, statuses, hiddenFromUnemploymentFund
  },
};

export const wrong: VariablesOf<typeof RegisterConversationDocument> = {
  // @ts-expect-error: an authority that the schema does not know
  input: { ...conversation.input, authority: 'MUNICIPALITY' },
};

// dates and times are strings on the wire
export const published = (update: PlanUpdate): string => update.plan.publishedAt;

// @ts-expect-error: an input of which exactly one field is given
export const nothing: InterventionInput = {};
