/** Tests of the sample gateway with clients that others wrote, as their users configure them. */
@NullMarked
package io.gatepost.samples.clients;

import org.jspecify.annotations.NullMarked;
