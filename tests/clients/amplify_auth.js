// The life of an account as an app with aws-amplify has it, which talks to the user pool itself.
//
//   node amplify_auth.js   with ENDPOINT, USER_POOL_ID, CLIENT_ID, MAILBOX, EMAIL, USERNAME
//
// Prints one JSON object: the claims of the tokens at each step.
import { readFileSync } from 'node:fs';
import { Amplify } from 'aws-amplify';
import {
  confirmResetPassword,
  confirmSignUp,
  deleteUser,
  fetchAuthSession,
  fetchUserAttributes,
  resetPassword,
  signIn,
  signOut,
  signUp,
} from 'aws-amplify/auth';

const { ENDPOINT, USER_POOL_ID, CLIENT_ID, MAILBOX, EMAIL, USERNAME } = process.env;
const PASSWORD = 'Popcorn4two';
const NEW_PASSWORD = 'Popcorn4three';

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: USER_POOL_ID,
      userPoolClientId: CLIENT_ID,
      userPoolEndpoint: ENDPOINT,
      loginWith: { email: true },
    },
  },
});

function latestCode() {
  const mails = readFileSync(MAILBOX, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return mails.filter((mail) => mail.to.includes(EMAIL)).at(-1).text.match(/\b\d{6}\b/)[0];
}

async function signInBySrp(password) {
  const { isSignedIn } = await signIn({
    username: EMAIL,
    password,
    options: { authFlowType: 'USER_SRP_AUTH' },
  });
  if (!isSignedIn) throw new Error('not signed in');
}

async function refusal(act) {
  try {
    await act();
  } catch (error) {
    return error.name;
  }
  return null;
}

async function claims(options) {
  const { tokens } = await fetchAuthSession(options);
  return { access: tokens.accessToken.payload, id: tokens.idToken.payload, token: `${tokens.accessToken}` };
}

const seen = {};
const registered = await signUp({
  username: EMAIL,
  password: PASSWORD,
  options: { userAttributes: { email: EMAIL, preferred_username: USERNAME } },
});
seen.next = registered.nextStep.signUpStep;
seen.userId = registered.userId;
seen.wrongCode = await refusal(() => confirmSignUp({ username: EMAIL, confirmationCode: '000000' }));
const confirmed = await confirmSignUp({ username: EMAIL, confirmationCode: latestCode() });
seen.confirmed = confirmed.isSignUpComplete;

seen.wrongPassword = await refusal(() => signInBySrp('Wrong1password'));
await signInBySrp(PASSWORD);
seen.signedIn = await claims();
seen.refreshed = await claims({ forceRefresh: true });
seen.attributes = await fetchUserAttributes();
await signOut();
seen.signedOut = (await fetchAuthSession()).tokens === undefined;

await resetPassword({ username: EMAIL });
await confirmResetPassword({
  username: EMAIL,
  confirmationCode: latestCode(),
  newPassword: NEW_PASSWORD,
});
seen.oldPassword = await refusal(() => signInBySrp(PASSWORD));
await signInBySrp(NEW_PASSWORD);
await signOut({ global: true });
await signInBySrp(NEW_PASSWORD);
seen.last = await claims();
if (process.env.DELETE) {
  await deleteUser();
  seen.afterDeletion = await refusal(() => signInBySrp(NEW_PASSWORD));
}
console.log(JSON.stringify(seen));
