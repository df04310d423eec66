"""A client of the running product, as a mobile app would be one: REST, GraphQL, subscriptions.

The demo, the end-to-end tests and the benchmarks use it. Subscriptions go through the `gql`
package's AppSync transport, so that the protocol is spoken by a client that is not ours.
"""

from tools.ops.client.person import Person
from tools.ops.client.retries import Refused
from tools.ops.client.stack import NotRunning, Stack

__all__ = ["NotRunning", "Person", "Refused", "Stack"]
