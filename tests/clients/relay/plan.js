// What a Relay frontend asks: the compiler turns each operation into an artefact and a document id.
import { graphql } from 'relay-runtime';

export const query = graphql`
  query planQuery($id: ID!) {
    citizen(id: $id) {
      id
      name {
        full
      }
      plan {
        id
        version
      }
    }
  }
`;

export const mutation = graphql`
  mutation planMutation($input: RegisterConversationInput!) {
    registerConversation(input: $input) {
      __typename
      ... on RegisterConversationPayload {
        version
        plan {
          id
          version
        }
      }
    }
  }
`;

export const subscription = graphql`
  subscription planSubscription($citizenId: ID!, $afterVersion: Int) {
    planUpdated(citizenId: $citizenId, afterVersion: $afterVersion) {
      version
      plan {
        id
        version
      }
    }
  }
`;
