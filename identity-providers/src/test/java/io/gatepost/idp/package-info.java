/** Tests with real identity providers: their discovery documents, tokens and rotations, as they make them. */
@NullMarked
package io.gatepost.idp;

import org.jspecify.annotations.NullMarked;
